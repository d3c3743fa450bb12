using System.Globalization;
using System.Text.RegularExpressions;
using Sampan.Cli.Commands.Images;
using Sampan.DockerApi.Builds;
using Sampan.DockerApi.Images;

namespace Sampan.Cli.Tests.Output;

public sealed class BuildScreenTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Without_a_terminal_each_line_has_its_steps_number_and_none_is_lost()
    {
        var shown = await ShowAsync(
            isTerminal: false,
            Step(1, "FROM busybox", "running"),
            Step(2, "RUN make", "running"),
            Text(2, "one\ntw"),
            Step(1, "FROM busybox", "done"),
            Text(2, "o\nhalf"),
            Step(3, "ENV a=b", "running") with { BuildStep = Step(3, "ENV a=b", "running").BuildStep! with { HasFiles = false } },
            Step(2, "RUN make", "failed"),
            new ProgressMessage { Stream = "Successfully built 123\n" });
        shown.ShouldBe("#1 [stage 1/4] FROM busybox\n#2 [stage 2/4] RUN make\n#2 0.000 one\n#1 DONE 2.0s\n#2 0.000 two\n#2 half\n#2 ERROR after 2.0s\nSuccessfully built 123\n");
    }

    [Fact]
    public async Task On_a_terminal_the_last_picture_has_every_step_its_time_and_the_output_of_what_failed()
    {
        var shown = await ShowAsync(
            isTerminal: true,
            Step(1, "FROM busybox", "running"),
            Step(1, "FROM busybox", "done"),
            Step(2, "COPY a /", "running"),
            Step(2, "COPY a /", "cached"),
            Step(3, "RUN false", "running"),
            Text(3, "why\u001b[2J\n"),
            Step(3, "RUN false", "failed"));
        var last = shown[(shown.LastIndexOf("[J", StringComparison.Ordinal) + 2)..];
        var lines = last.Split('\n');
        lines[0].ShouldBe("[+] Building 0.0s (3/3) FAILED");
        lines[1].ShouldMatch(@"^ => \[stage 1/4\] FROM busybox +2\.0s$");
        lines[2].ShouldMatch(@"^ => CACHED \[stage 2/4\] COPY a / +2\.0s$");
        lines[3].ShouldMatch(@"^ => ERROR \[stage 3/4\] RUN false +2\.0s$");
        // What a command prints does not move the cursor.
        lines[4..].ShouldBe(["------", " > [stage 3/4] RUN false:", "why?[2J", "------", ""]);
        lines[..4].ShouldAllBe(line => line.Length <= 80);
    }

    [Fact]
    public async Task While_it_runs_the_picture_is_no_higher_than_the_screen()
    {
        var messages = Enumerable.Range(1, 60).Select(i => Step(i, $"RUN {i}", "running")).ToArray();
        var shown = await ShowAsync(isTerminal: true, messages);
        var moves = Regex.Matches(shown, "\u001b\\[(?<rows>[0-9]+)A", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture).Select(match => int.Parse(match.Groups["rows"].Value, CultureInfo.InvariantCulture)).ToList();
        moves.ShouldNotBeEmpty();
        moves.Max().ShouldBeLessThanOrEqualTo(22);
    }

    [Fact]
    public async Task The_explanation_names_what_ran_and_the_build_it_was_compared_with()
    {
        var outcome = new BuildOutcome();
        var step = Step(2, "COPY a /", "done").BuildStep! with { Reason = "file a has another content", ComparedWith = "0123456789abcdef0123456789abcdef" };
        await foreach (var _ in outcome.WatchAsync(Messages([Step(1, "FROM busybox", "done"), new ProgressMessage { BuildStep = step }])))
        {
        }
        var text = new StringWriter { NewLine = "\n" };
        outcome.Explain(text);
        text.ToString().ShouldBe("\nWhy steps ran:\n  [stage 2/4] COPY a /\n      file a has another content (compared with build 0123456789ab)\n");
    }

    private static async Task<string> ShowAsync(bool isTerminal, params ProgressMessage[] messages)
    {
        var text = new StringWriter { NewLine = "\n" };
        using var screen = new BuildScreen(text, new FixedTime(s_start), isTerminal, () => (24, 80));
        await screen.ShowAsync(Messages(messages));
        return text.ToString();
    }

    private static async IAsyncEnumerable<ProgressMessage> Messages(IEnumerable<ProgressMessage> messages)
    {
        await Task.Yield();
        foreach (var message in messages)
            yield return message;
    }

    private static ProgressMessage Step(int number, string text, string status) => new()
    {
        BuildStep = new PastBuildStep { Number = number, Stage = "stage", Index = number, Of = 4, Text = text, Status = status, Started = s_start, Completed = status == "running" ? null : s_start.AddSeconds(2), HasFiles = true },
    };

    private static ProgressMessage Text(int number, string text) => new() { Stream = text, BuildStepNumber = number };
}
