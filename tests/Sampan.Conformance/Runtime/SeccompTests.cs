using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>System call filters.</summary>
public sealed class SeccompTests : ConformanceTest
{
    private static void Filter(Container container, string defaultAction, params JsonObject[] rules) =>
        container.Linux["seccomp"] = new JsonObject { ["defaultAction"] = defaultAction, ["syscalls"] = new JsonArray([.. rules]) };

    private static JsonObject Rule(string action, params string[] names) => new() { ["names"] = Container.Json(names), ["action"] = action };

    [Fact, Spec("config-linux.md#seccomp")]
    public void A_call_denied_fails_and_others_do_not() => Conforms(() =>
    {
        var container = NewContainer("mkdir /tmp/x 2>&1; touch /tmp/y && echo fine; grep Seccomp: /proc/self/status | cut -f2");
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_ERRNO", "mkdir", "mkdirat"));
        container.Run().Prints("mkdir: can't create directory '/tmp/x': Operation not permitted\nfine\n2");
    });

    [Fact, Spec("config-linux.md#seccomp")]
    public void The_error_is_the_one_asked_for() => Conforms(() =>
    {
        var container = NewContainer("mkdir /tmp/x 2>&1");
        var rule = Rule("SCMP_ACT_ERRNO", "mkdir", "mkdirat");
        rule["errnoRet"] = 28; // ENOSPC
        Filter(container, "SCMP_ACT_ALLOW", rule);
        container.Run().Output.ShouldEndWith("No space left on device");
    });

    [Theory, Spec("config-linux.md#seccomp")]
    [InlineData("SCMP_ACT_KILL")]
    [InlineData("SCMP_ACT_KILL_PROCESS")]
    [InlineData("SCMP_ACT_KILL_THREAD")]
    [InlineData("SCMP_ACT_TRAP")]
    public void A_call_that_kills_kills(string action) => Conforms(() =>
    {
        var container = NewContainer("sh -c 'exec mkdir /tmp/x'; echo $?");
        Filter(container, "SCMP_ACT_ALLOW", Rule(action, "mkdir", "mkdirat"));
        container.Run().Succeeds().Output.Split('\n')[^1].ShouldBe("159"); // 128 and SIGSYS
    });

    [Fact, Spec("config-linux.md#seccomp")]
    public void Arguments_are_compared() => Conforms(() =>
    {
        var container = NewContainer("kill -0 $$ 2>&1; kill -CONT $$ && echo fine");
        var rule = Rule("SCMP_ACT_ERRNO", "kill");
        rule["args"] = new JsonArray(new JsonObject { ["index"] = 1, ["value"] = 0, ["op"] = "SCMP_CMP_EQ" });
        Filter(container, "SCMP_ACT_ALLOW", rule);
        var output = container.Run().Output;
        output.ShouldContain("not permitted");
        output.ShouldEndWith("fine");
    });

    [Fact, Spec("config-linux.md#seccomp")]
    public void Masked_arguments_are_compared() => Conforms(() =>
    {
        var container = NewContainer("kill -0 $$ 2>&1; kill -CONT $$ && echo fine");
        var rule = Rule("SCMP_ACT_ERRNO", "kill");
        rule["args"] = new JsonArray(new JsonObject { ["index"] = 1, ["value"] = 0xff, ["valueTwo"] = 0, ["op"] = "SCMP_CMP_MASKED_EQ" });
        Filter(container, "SCMP_ACT_ALLOW", rule);
        var output = container.Run().Output;
        output.ShouldContain("not permitted");
        output.ShouldEndWith("fine");
    });

    [Fact, Spec("config-linux.md#seccomp")]
    public void Names_that_nobody_knows_are_passed_over() => Conforms(() =>
    {
        var container = NewContainer("echo fine");
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_ERRNO", "no_such_call"));
        container.Run().Prints("fine");
    });

    [Fact, Spec("config-linux.md#seccomp")]
    public void An_action_that_nobody_knows_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        Filter(container, "SCMP_ACT_NO_SUCH");
        container.Create().Fails();
    });

    [Theory, Spec("config-linux.md#seccomp")]
    [InlineData(false)]
    [InlineData(true)]
    public void The_filter_is_loaded_with_and_without_new_privileges(bool noNewPrivileges) => Conforms(() =>
    {
        var container = NewContainer("grep Seccomp: /proc/self/status | cut -f2");
        container.Process["noNewPrivileges"] = noNewPrivileges;
        Filter(container, "SCMP_ACT_ALLOW", Rule("SCMP_ACT_ERRNO", "mkdir"));
        container.Run().Prints("2");
    });
}
