"""People as a region knows them: a profile of those who signed in here and agreed, nothing of the national account."""
