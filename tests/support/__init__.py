"""What tests stand on: real servers, a database per test, the standing cast, a client that lints pages."""
