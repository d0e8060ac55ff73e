"""What REST, MCP and feeds share: which commands programs can use, as whom, and the JSON of replies."""
