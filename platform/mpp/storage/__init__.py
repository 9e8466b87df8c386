"""Files of citizens: checked, encrypted, kept in a folder or S3, given out only after a permission check."""
