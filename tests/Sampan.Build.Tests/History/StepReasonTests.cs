using Sampan.Build.History;

namespace Sampan.Build.Tests.History;

public sealed class StepReasonTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_file_with_another_content_is_named_with_the_build_that_had_the_old_one()
    {
        var (reason, other) = Reason(
            before: [("file src/a.c", "File 644 0:0 aaaa"), ("file src/b.c", "File 644 0:0 bbbb"), ("file gone", "File 644 0:0 cccc"), ("base", "x")],
            now: [("file src/a.c", "File 644 0:0 dddd"), ("file src/b.c", "File 755 1:1 bbbb"), ("file new", "File 644 0:0 cccc"), ("base", "x")]);
        reason.ShouldBe("file gone is gone; file new is new; file src/a.c has another content; file src/b.c has other permissions and another owner");
        other.ShouldBe("earlier");
    }

    [Fact]
    public void Arguments_and_variables_are_named_with_both_values()
    {
        Reason([("argument VERSION", "1"), ("variable PATH", "/bin")], [("argument VERSION", "2"), ("argument NEW", "y")]).Reason
            .ShouldBe("argument NEW is new: 'y'; argument VERSION was '1', is '2'; variable PATH is gone, it was '/bin'");
    }

    [Fact]
    public void Another_base_is_said_last_and_with_what_made_it_another()
    {
        Reason([("base", "1"), ("command", "a")], [("base", "2"), ("command", "b")]).Reason.ShouldBe("command changed; 'FROM base' gives other files");
        Reason([("base", "1")], [("base", "2")], new StepRecord { Number = 2, Stage = "s", Index = 2, Text = "COPY a /", Started = s_now, HasFiles = true, Reason = "file a is new" }).Reason
            .ShouldBe("the files below are others, since 'COPY a /' ran again");
    }

    [Fact]
    public void No_more_than_a_few_changes_are_listed()
    {
        var now = Enumerable.Range(0, 30).Select(i => ($"file f{i:00}", "File 644 0:0 a")).ToArray();
        Reason([], now).Reason.ShouldEndWith("; and 25 more");
    }

    [Fact]
    public void What_was_pruned_and_what_never_was_are_told_apart()
    {
        Reason([], [], key: "before").Reason.ShouldBe("its result is not in the cache any more");
        Reason(null, [("command", "x")]).Reason.ShouldBe("what it depended on then is not known any more");
        StepReason.Of(Step("RUN x", "k"), new Dictionary<string, string>(), Build("b", "tag"), [], _ => null).ShouldBe(("no earlier build that is remembered had this step", null));
    }

    [Fact]
    public void The_same_instruction_of_a_build_of_the_same_name_is_compared_even_if_another_build_is_younger()
    {
        var mine = Build("mine", "app", Step("RUN make", "1"));
        var stranger = Build("stranger", "other", Step("RUN make", "2"));
        StepReason.Of(Step("RUN make", "3"), Parts([("command", "c")]), Build("now", "app"), [stranger, mine], key => Parts([("command", key)])).ComparedWith.ShouldBe("mine");
        StepReason.Of(Step("RUN make", "3"), Parts([("command", "c")]), Build("now", "new"), [stranger, mine], key => Parts([("command", key)])).ComparedWith.ShouldBe("stranger");
        StepReason.Of(Step("RUN make all", "3"), Parts([("command", "c")]), Build("now", "app"), [stranger, mine], key => Parts([("command", key)])).ShouldBe(("command changed", "mine"));
    }

    private static (string Reason, string? ComparedWith) Reason((string, string)[]? before, (string, string)[] now, params StepRecord[] ran) => Reason(before, now, "now", ran);

    private static (string Reason, string? ComparedWith) Reason((string, string)[]? before, (string, string)[] now, string key, params StepRecord[] ran)
    {
        var from = new StepRecord { Number = 1, Stage = "s", Index = 1, Text = "FROM base", Started = s_now, HasFiles = true };
        var build = Build("now", "tag") with { Steps = [from, .. ran] };
        return StepReason.Of(Step("RUN x", key), Parts(now), build, [Build("earlier", "tag", Step("RUN x", "before"))], _ => before is null ? null : Parts(before));
    }

    private static Dictionary<string, string> Parts((string Name, string Value)[] parts) => parts.ToDictionary(part => part.Name, part => part.Value);

    private static StepRecord Step(string text, string key) => new() { Number = 2, Stage = "s", Index = 2, Text = text, Key = key, Started = s_now, HasFiles = true };

    private static BuildRecord Build(string id, string tag, params StepRecord[] steps) => new() { Id = id, Created = s_now, Tags = [tag], Steps = steps };
}
