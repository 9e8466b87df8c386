"""The shared kernel: knows regions in general and no public-service word."""
