"""Who somebody is, from host to host: the centre as OpenID provider, regions as its clients, other providers."""
