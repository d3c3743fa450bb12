using Sampan.Build.Parsing;
using Sampan.Build.Planning;

namespace Sampan.Build.Tests;

public sealed class PlanTests
{
    private static readonly Dictionary<string, string> s_platforms = new() { ["BUILDPLATFORM"] = "linux/amd64" };

    [Fact]
    public void Only_what_the_target_needs_is_run_what_is_needed_first()
    {
        var plan = Plan("FROM a AS one\nFROM b AS unused\nFROM c AS two\nFROM one\nCOPY --from=two /x /\nRUN --mount=from=0,target=/m true\n");
        plan.Order.Select(stage => stage.Index).ShouldBe([0, 2, 3]);
        plan.Steps.ShouldBe(5);
        plan.Target.FirstStep.ShouldBe(3);
    }

    [Theory]
    [InlineData("last", 2)]
    [InlineData("ONE", 0)]
    [InlineData("1", 1)]
    [InlineData("", 2)]
    public void A_target_is_a_name_or_a_number(string target, int index) => Plan("FROM a AS one\nFROM b\nFROM c AS last\n", target).Target.Index.ShouldBe(index);

    [Fact]
    public void FROM_sees_global_arguments_and_platforms_and_earlier_stages()
    {
        var plan = Plan("ARG tag=1\nARG image=name:$tag\nFROM --platform=$BUILDPLATFORM ${image} AS a\nFROM A\n");
        (plan.All[0].Base, plan.All[0].Platform, plan.All[1].BaseStage).ShouldBe(("name:1", "linux/amd64", 0));
        Plan("ARG tag=1\nFROM x:$tag\n", arguments: new() { ["tag"] = "2" }).Target.Base.ShouldBe("x:2");
    }

    [Theory]
    [InlineData("FROM x AS a\nCOPY --from=b /x /\nFROM y AS b\nCOPY --from=a /x /\n", "circular dependency detected on stage: b", 3)]
    [InlineData("FROM x AS a\nCOPY --from=a /x /\n", "circular dependency detected on stage: a", 1)]
    [InlineData("ENV a=b\nFROM x\n", "no build stage in current context", 1)]
    [InlineData("ARG a\n", "no build stage in current context", 1)]
    [InlineData("FROM x\nFROM $none\n", "base name ($none) should not be blank", 2)]
    public void What_cannot_be_planned_is_refused_with_its_line(string text, string reason, int line)
    {
        var refused = Should.Throw<DockerfileException>(() => Plan(text));
        refused.Reason.ShouldBe(reason);
        refused.Place.Line.ShouldBe(line);
    }

    [Fact]
    public void An_unknown_target_is_refused() => Should.Throw<BuildException>(() => Plan("FROM x\nFROM x AS b\n", "y")).Message.ShouldBe("failed to reach build target y in Dockerfile: its stages are 0, b");

    private static BuildPlan Plan(string text, string? target = null, Dictionary<string, string?>? arguments = null) => BuildPlan.Make(DockerfileReader.Read(text), arguments ?? [], s_platforms, target);
}
