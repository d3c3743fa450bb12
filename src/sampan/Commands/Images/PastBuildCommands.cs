using System.Globalization;
using System.Text.Json;
using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.Cli.Tables;
using Sampan.DockerApi;
using Sampan.DockerApi.Builds;

namespace Sampan.Cli.Commands.Images;

/// <summary>build history, inspect, logs: builds that were.</summary>
internal static class PastBuildCommands
{
    private static readonly Option<string> s_format = new("format", null, "string", "'json': everything as JSON", "", static (_, text) => text) { Choices = ["json"] };
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Only ids");
    private static readonly Option<IReadOnlyList<string>> s_remove = Option.List("rm", null, "list", "Forget this build, in place of the list");
    private static readonly Option<bool> s_noTrunc = Option.Flag("no-trunc", null, "Don't shorten ids and instructions");

    public static Command History { get; } = new()
    {
        Name = "history",
        Summary = "List builds that the engine remembers",
        MaxWords = 0,
        Options = [s_format, s_noTrunc, s_quiet, s_remove],
        Run = ListAsync,
    };

    public static Command Inspect { get; } = new()
    {
        Name = "inspect",
        Summary = "Show a build: its steps, their times, why they ran",
        Arguments = "BUILD",
        MinWords = 1,
        MaxWords = 1,
        Options = [s_format, s_noTrunc],
        Run = InspectAsync,
    };

    public static Command Logs { get; } = new()
    {
        Name = "logs",
        Summary = "Print what a build said",
        Arguments = "BUILD",
        MinWords = 1,
        MaxWords = 1,
        Run = LogsAsync,
    };

    private static async Task<int> ListAsync(Invocation call)
    {
        if (call.Get(s_remove) is { Count: > 0 } doomed) return await call.EachAsync(doomed, id => call.Client.RemoveBuildAsync(id, call.Cancelled)).ConfigureAwait(false);
        var builds = await call.Client.ListBuildsAsync(call.Cancelled).ConfigureAwait(false);
        if (IsJson(call))
        {
            foreach (var build in builds) call.Out.WriteLine(JsonSerializer.Serialize(build, StoreJson.Wire.PastBuild));
            return 0;
        }
        bool full = call.Get(s_noTrunc);
        if (call.Get(s_quiet))
        {
            foreach (var build in builds) call.Out.WriteLine(Id(build, full));
            return 0;
        }
        Table(call, ["BUILD ID", "NAME", "STATUS", "STEPS", "CACHED", "CREATED", "DURATION"], builds.Select(build => new[]
        {
            Id(build, full), build.Tags is [var first, ..] ? first : build.Remote ?? build.Dockerfile, build.Status, Number(build.StepCount), Number(build.CachedCount), HumanTime.Ago(build.Created, call.Time), Seconds(build.Created, build.Completed),
        }));
        return 0;
    }

    private static async Task<int> InspectAsync(Invocation call)
    {
        var build = await call.Client.InspectBuildAsync(call.Words[0], call.Cancelled).ConfigureAwait(false);
        if (IsJson(call))
        {
            call.Out.WriteLine(JsonSerializer.Serialize(build, StoreJson.Wire.PastBuild));
            return 0;
        }
        bool full = call.Get(s_noTrunc);
        var facts = new List<string[]>
        {
            new[] { "Build:", build.Id },
            new[] { "Status:", build.Status + (build.Error is { } error ? $": {error}" : "") },
            new[] { "Created:", HumanTime.Stamp(build.Created, call.Time) },
            new[] { "Duration:", Seconds(build.Created, build.Completed) },
            new[] { "Dockerfile:", build.Dockerfile },
        };
        if (build.Remote is { } remote) facts.Add(["Context:", remote]);
        if (build.Target is { } target) facts.Add(["Target:", target]);
        if (build.Platform is { } platform) facts.Add(["Platform:", platform]);
        if (build.Tags is { Count: > 0 } tags) facts.Add(["Names:", string.Join(", ", tags)]);
        if (build.Arguments is { Count: > 0 } arguments) facts.Add(["Arguments:", string.Join(", ", arguments.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))]);
        if (build.ImageId is { } image) facts.Add(["Image:", image]);
        Table(call, null, facts);
        call.Out.WriteLine();
        Table(call, ["STEP", "STAGE", "STATUS", "DURATION", "INSTRUCTION", "WHY IT RAN"], (build.Steps ?? []).Select(step => new[]
        {
            Number(step.Number), $"{step.Stage} {Number(step.Index)}/{Number(step.Of)}", step.Status, Seconds(step.Started, step.Completed),
            full ? step.Text.ReplaceLineEndings(" ") : Texts.Cut(step.Text.ReplaceLineEndings(" "), 50),
            step.Reason is null ? "" : step.Reason + (step.ComparedWith is { } other ? $" (since {other[..12]})" : ""),
        }));
        return 0;
    }

    private static async Task<int> LogsAsync(Invocation call)
    {
        var log = await call.Client.OpenBuildLogAsync(call.Words[0], call.Cancelled).ConfigureAwait(false);
        await using (log.ConfigureAwait(false)) await log.CopyToAsync(call.Io.OutStream, call.Cancelled).ConfigureAwait(false);
        return 0;
    }

    private static bool IsJson(Invocation call) => call.Given(s_format) switch
    {
        null => false,
        "json" => true,
        var other => throw new CommandException($"unknown format '{other}': only 'json' is known"),
    };

    private static string Id(PastBuild build, bool full) => full ? build.Id : build.Id[..12];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(DateTimeOffset from, DateTimeOffset? to) => to is { } end ? (end - from).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s" : "";

    private static void Table(Invocation call, string[]? header, IEnumerable<string[]> rows) =>
        call.Out.Write(TabWriter.Align(string.Concat((header is null ? rows : rows.Prepend(header)).Select(row => string.Join('\t', row) + "\n"))));
}
