"""One module a page: TITLE, ICON, ORDER, CHOICES (what of the sidebar it obeys) and `render(context)`."""
