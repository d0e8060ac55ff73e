"""The one way to the network: patient, in turn, bounded, cached, and to known hosts alone."""
