"""Why a request does not leave."""


class Denied(Exception):
    def __init__(self, reason, status=403, policy="allow-list", headers=None):
        """reason: for the agent and the log. policy: what of egress refuses. headers: more of the response."""
        super().__init__(reason)
        self.status = status
        self.policy = policy
        self.headers = headers or {}
