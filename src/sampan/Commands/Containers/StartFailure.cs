using Sampan.DockerApi.Client;

namespace Sampan.Cli.Commands.Containers;

/// <summary>The exit code for a container that didn't start: 127 command not found, 126 can't be executed, 125 anything else.</summary>
internal static class StartFailure
{
    public static CommandException For(DockerApiException e, string verb)
    {
        // The API carries no code for it: docker's clients all decide by these words.
        string m = e.Message;
        int code = Has(m, "executable file not found") || Has(m, "no such file or directory") || Has(m, "system cannot find the file specified") ? 127
            : Has(m, "permission denied") || Has(m, "is a directory") || Has(m, "exec format error") ? 126
            : 125;
        return WithHelp(Failure.Text(e), verb, code, e);
    }

    public static CommandException WithHelp(string message, string verb, int code, Exception? cause = null) =>
        new($"{Arguments.CommandPath.Program}: {message}\n\nRun '{Arguments.CommandPath.Program} {verb} --help' for more information", code, cause);

    private static bool Has(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
