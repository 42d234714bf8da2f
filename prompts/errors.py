"""The one error users may meet."""


class UserError(Exception):
    """Something that went wrong and that the user can act on; never shown with a traceback.

    what: what happened, one sentence without a final stop. fix: what to do about it, likewise.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}. {fix}.")
        self.what = what
        self.fix = fix
