# A lit format of its own, in a module since lit's workers import it by name.
import lit.formats


class ExecutedTests(lit.formats.ShTest):
    """The tests that run a program with sym-runner."""

    def getTestsForPath(self, suite, path, lit_config, local_config):
        for test in super().getTestsForPath(
            suite, path, lit_config, local_config
        ):
            with open(test.getSourcePath(), errors="replace") as file:
                text = file.read()
            if "sym-runner" in text or "%run_both" in text:
                yield test
