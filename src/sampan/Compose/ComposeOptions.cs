using Sampan.Cli.Arguments;

namespace Sampan.Cli.Compose;

/// <summary>The options between compose and its command: which project.</summary>
internal static class ComposeOptions
{
    public static readonly Option<IReadOnlyList<string>> File = new("file", 'f', "stringArray", "Compose files; a later one is merged over an earlier one; -: standard input", [], static (before, t) => [.. before, t]) { Completes = Candidates.Files };
    public static readonly Option<string> Name = Option.Text("project-name", 'p', "string", "Project name");
    public static readonly Option<IReadOnlyList<string>> Profile = Option.List("profile", null, "stringArray", "A profile to enable; \"*\": all");
    public static readonly Option<IReadOnlyList<string>> EnvFile = new("env-file", null, "stringArray", "Env files instead of .env", [], static (before, t) => [.. before, t]) { Completes = Candidates.Files };
    public static readonly Option<string> Directory = new("project-directory", null, "string", "Where relative paths start (default: the directory of the first file)", "", static (_, t) => t) { Completes = Candidates.Files };
    public static readonly Option<bool> AllResources = Option.Flag("all-resources", null, "Make networks and volumes that no service uses, too");
    public static readonly Option<bool> Compatibility = Option.Flag("compatibility", null, "Join the parts of names by '_', as before version 2");
    public static readonly Option<bool> DryRun = Option.Flag("dry-run", null, "Tell what would be done, and do nothing");
    public static readonly Option<string> Ansi = new("ansi", null, "string", "When to print colours", "auto", static (_, t) => t is "never" or "always" or "auto" ? t : throw new FormatException("expected never, always or auto")) { Choices = ["never", "always", "auto"], DefaultText = "\"auto\"" };
    public static readonly Option<string> Progress = new("progress", null, "string", "How to tell progress", "auto", static (_, t) => t is "auto" or "tty" or "plain" or "json" or "quiet" ? t : throw new FormatException("expected auto, tty, plain, json or quiet")) { Choices = ["auto", "tty", "plain", "json", "quiet"], DefaultText = "\"auto\"" };
    public static readonly Option<long?> Parallel = Option.Number("parallel", null, "How many calls to make at a time; -1: any number");

    public static IReadOnlyList<Option> All { get; } =
    [
        AllResources, Ansi, Compatibility, DryRun, EnvFile, File, Parallel, Profile, Progress, Directory, Name,
        Option.Refused("no-ansi", null, "", "", "it is called --ansi never now"),
        Option.Refused("workdir", null, "string", "", "it is called --project-directory now"),
        Option.Refused("verbose", null, "", "", "say 'sampan --debug compose' to see what is asked of the engine"),
    ];
}
