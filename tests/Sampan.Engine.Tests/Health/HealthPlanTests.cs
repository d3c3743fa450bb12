using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Health;
using Sampan.Oci.Images;

namespace Sampan.Engine.Tests.Health;

public sealed class HealthPlanTests
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UnixEpoch;

    private static readonly HealthPlan Plan = HealthPlan.Of(With(new HealthProbe { Test = ["CMD", "true"], StartPeriod = 10_000_000_000, Retries = 2 }))!;

    private static ContainerSpec With(HealthProbe? probe) => new() { Image = "x", Healthcheck = probe };

    private static ProbeResult Result(int code, int second = 60) => new(Begin + TimeSpan.FromSeconds(second), Begin + TimeSpan.FromSeconds(second + 1), code, "");

    private static HealthReport After(HealthReport before, ProbeResult result) => before.After(result, Plan, result.Start - Begin);

    [Fact]
    public void What_a_probe_does_not_say_is_as_in_docker()
    {
        var plan = HealthPlan.Of(With(new HealthProbe { Test = ["CMD", "curl", "localhost"] }));

        plan.ShouldNotBeNull();
        plan.Command.ShouldBe(["curl", "localhost"]);
        (plan.Interval, plan.Timeout, plan.StartPeriod, plan.StartInterval, plan.Retries)
            .ShouldBe((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.Zero, TimeSpan.FromSeconds(5), 3));
    }

    [Fact]
    public void A_command_line_runs_in_the_images_shell()
    {
        HealthPlan.Of(With(new HealthProbe { Test = ["CMD-SHELL", "a | b"] }))!.Command.ShouldBe(["/bin/sh", "-c", "a | b"]);
        HealthPlan.Of(With(new HealthProbe { Test = ["CMD-SHELL", "a | b"] }) with { Shell = ["/bin/bash", "-ec"] })!.Command.ShouldBe(["/bin/bash", "-ec", "a | b"]);
    }

    [Fact]
    public void No_probe_and_NONE_are_no_plan()
    {
        HealthPlan.Of(With(null)).ShouldBeNull();
        HealthPlan.Of(With(new HealthProbe())).ShouldBeNull();
        HealthPlan.Of(With(new HealthProbe { Test = ["NONE"] })).ShouldBeNull();
    }

    [Fact]
    public void The_users_probe_takes_from_the_images_what_it_does_not_say()
    {
        var image = new HealthProbe { Test = ["CMD", "a"], Interval = 5, Retries = 7 };

        HealthPlan.Merge(new HealthProbe { Interval = 9 }, image).ShouldBe(image with { Interval = 9 });
        HealthPlan.Merge(new HealthProbe { Test = ["NONE"] }, image)!.Test.ShouldBe(["NONE"]);
        HealthPlan.Merge(null, image).ShouldBe(image);
    }

    [Fact]
    public void Every_problem_is_told() =>
        HealthPlan.Problems(new HealthProbe { Test = ["CMDX", "a"], Interval = 5, StartPeriod = -1, Retries = -2 }).ShouldBe(
        [
            "unknown healthcheck type 'CMDX': expected 'NONE', 'CMD' or 'CMD-SHELL'",
            "Interval in Healthcheck cannot be less than one millisecond",
            "StartPeriod in Healthcheck cannot be less than one millisecond",
            "Retries in Healthcheck cannot be negative",
        ]);

    [Fact]
    public void Failures_count_from_the_end_of_the_start_period()
    {
        var report = After(HealthReport.Begin(null, Begin), Result(1, second: 9));
        (report.Status, report.FailingStreak).ShouldBe((HealthStatus.Starting, 0));

        report = After(report, Result(1, second: 10));
        (report.Status, report.FailingStreak).ShouldBe((HealthStatus.Starting, 1));
        report = After(report, Result(1, second: 20));
        (report.Status, report.FailingStreak).ShouldBe((HealthStatus.Unhealthy, 2));
    }

    [Fact]
    public void A_failure_in_the_start_period_counts_once_a_probe_has_succeeded()
    {
        var report = After(After(HealthReport.Begin(null, Begin), Result(0, second: 1)), Result(1, second: 2));

        (report.Status, report.FailingStreak).ShouldBe((HealthStatus.Healthy, 1));
    }

    [Fact]
    public void One_success_makes_it_healthy_again()
    {
        var report = After(After(After(HealthReport.Begin(null, Begin), Result(1)), Result(1)), Result(0));

        (report.Status, report.FailingStreak).ShouldBe((HealthStatus.Healthy, 0));
    }

    [Fact]
    public void Five_results_are_remembered_over_a_restart_too()
    {
        var report = HealthReport.Begin(null, Begin);
        for (var code = 1; code <= 7; code++)
            report = After(report, Result(code));

        report.Log.Select(r => r.ExitCode).ShouldBe([3, 4, 5, 6, 7]);
        HealthReport.Begin(report, Begin + TimeSpan.FromHours(1)).Log.Count.ShouldBe(5);
    }

    [Fact]
    public void The_start_interval_holds_until_the_first_success_or_the_end_of_the_start_period()
    {
        Plan.Pause(HealthStatus.Starting, TimeSpan.FromSeconds(9)).ShouldBe(TimeSpan.FromSeconds(5));
        Plan.Pause(HealthStatus.Starting, TimeSpan.FromSeconds(10)).ShouldBe(TimeSpan.FromSeconds(30));
        Plan.Pause(HealthStatus.Healthy, TimeSpan.FromSeconds(1)).ShouldBe(TimeSpan.FromSeconds(30));
    }
}
