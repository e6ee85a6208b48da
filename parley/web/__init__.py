"""The pages: for a participant, and for whoever opens the service's address."""
