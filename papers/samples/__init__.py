"""The papers that ship with the project."""
