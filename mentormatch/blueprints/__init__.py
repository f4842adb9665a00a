"""HTTP only: one folder for each area of the site, with its routes, forms and templates."""
