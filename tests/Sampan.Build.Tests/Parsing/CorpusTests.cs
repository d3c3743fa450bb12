using Sampan.Build.Checking;
using Sampan.Build.Parsing;
using Sampan.Build.Planning;
using Sampan.Oci.Images;

namespace Sampan.Build.Tests.Parsing;

/// <summary>Dockerfiles as people write them, one for each idiom, what they must be read as, and what has to be warned about: <c>Corpus/NAME.Dockerfile</c>,
/// <c>NAME.txt</c> and <c>NAME.checks</c>, which is not there if there is nothing to warn about.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Corpus"), "*.Dockerfile").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_idiom_is_read_as_expected(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Corpus", name);
        var text = DockerfileReader.Read(File.ReadAllBytes(file + ".Dockerfile"));
        var parser = new InstructionParser(text.Escape);
        var lines = text.Instructions.Select(raw => $"{raw.Place.Line}: {Show(parser.Parse(raw))}\n");
        string.Concat(lines).ShouldBe(File.ReadAllText(file + ".txt"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_idiom_is_warned_about_as_expected(string name)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Corpus", name);
        var text = DockerfileReader.Read(File.ReadAllBytes(file + ".Dockerfile"));
        var platforms = PlatformArguments.Of(Platform.Current.Normalize(), Platform.Current.Normalize(), null);
        var plan = BuildPlan.Make(text, new Dictionary<string, string?>(), platforms, null);
        var found = Checks.Run(plan, platforms, null, _ => null, CheckDirective.Parse(text.Directives.GetValueOrDefault("check")));
        var expected = File.Exists(file + ".checks") ? File.ReadAllText(file + ".checks") : "";
        string.Concat(found.Select(warning => $"{warning.Line}: {warning.Rule}\n")).ShouldBe(expected);
    }

    private static string Show(Instruction instruction) => instruction switch
    {
        Instruction.From from => $"from {from.Image}{(from.Name is { } name ? $" as {name}" : "")}{(from.Platform is { } platform ? $" for {platform}" : "")}",
        Instruction.Arg arg => $"arg {string.Join(" | ", arg.Pairs.Select(pair => pair.Value is null ? pair.Key : $"{pair.Key}={pair.Value}"))}",
        Instruction.Env env => $"env {Pairs(env.Pairs)}",
        Instruction.Label label => $"label {Pairs(label.Pairs)}",
        Instruction.Run run => $"run {Command(run.Command)}{List(" mounts", run.Mounts)}{List(" documents", [.. run.Heredocs.Select(h => h.Name)])}",
        Instruction.Cmd cmd => $"cmd {Command(cmd.Command)}",
        Instruction.Entrypoint entrypoint => $"entrypoint {Command(entrypoint.Command)}",
        Instruction.Copy copy => $"{(copy.IsAdd ? "add" : "copy")} {string.Join(" | ", copy.Sources.Concat(copy.Documents.Select(d => $"<{d.Name}>")))} -> {copy.Destination}{(copy.Origin is { } origin ? $" from {origin}" : "")}{(copy.Chown is { } chown ? $" owner {chown}" : "")}",
        Instruction.Expose expose => $"expose {string.Join(" | ", expose.Ports)}",
        Instruction.Volume volume => $"volume {string.Join(" | ", volume.Paths)}",
        Instruction.Shell shell => $"shell {string.Join(" | ", shell.Words)}",
        Instruction.User user => $"user {user.Name}",
        Instruction.Workdir workdir => $"workdir {workdir.Path}",
        Instruction.OnBuild onBuild => $"onbuild {onBuild.Trigger}",
        Instruction.Healthcheck health => $"healthcheck {health.Definition}",
        var other => other.Text,
    };

    private static string Command(CommandWords command) => $"{(command.IsShell ? "shell" : "exec")} {string.Join(" | ", command.Words)}";

    private static string Pairs(IReadOnlyList<KeyValuePair<string, string>> pairs) => string.Join(" | ", pairs.Select(pair => $"{pair.Key}={pair.Value}"));

    private static string List(string title, IReadOnlyList<string> items) => items.Count == 0 ? "" : $"{title}: {string.Join(" ", items)}";
}
