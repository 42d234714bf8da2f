"""The commands of `viva`, each a few lines around what does the work, which is imported only when it runs."""
