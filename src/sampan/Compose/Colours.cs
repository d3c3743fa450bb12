using Sampan.Cli.Commands;

namespace Sampan.Cli.Compose;

/// <summary>Colours of a terminal.</summary>
internal static class Colours
{
    private static readonly string[] s_services = ["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];

    /// <summary>Whether colours are wanted where output goes to a terminal or not.</summary>
    public static bool Wanted(Invocation call, bool isTerminal) => (call.Group.IsSet(ComposeOptions.Ansi) ? call.Group.Get(ComposeOptions.Ansi) : Environment.GetEnvironmentVariable("COMPOSE_ANSI")) switch
    {
        "always" => true,
        "never" => false,
        _ => isTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is not { Length: > 0 } && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };

    /// <summary>A text in the colour of the nth service.</summary>
    public static string Service(int n, string text) => $"\u001b[{s_services[n % s_services.Length]}m{text}\u001b[0m";

    /// <summary>A state in its colour: red for failures, green for what is done, none for the rest.</summary>
    public static string State(string state) => state switch
    {
        "Error" or "Warning" => $"\u001b[31m{state}\u001b[0m",
        _ when state.EndsWith("ed", StringComparison.Ordinal) || state is "Healthy" or "Running" => $"\u001b[32m{state}\u001b[0m",
        _ => state,
    };
}
