"""Schema 3, that of release 0.1.0: where the migrations begin. Nothing older was ever released."""

revision = "3"
down_revision = None


def upgrade() -> None:
    """Databases of this schema were made by the program itself."""
