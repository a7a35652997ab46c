"""What people do: one function, one transaction, named for what the person did."""
