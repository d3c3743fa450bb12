using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>
/// The daemon is killed at each of its fail points (<c>FailPoint.Reach</c>), and another one starts on the same roots: what was being done is done or was
/// never begun, everything else is as it was, nothing is left in the kernel, and a running container has served all requests meanwhile. With
/// <c>SAMPAN_SOAK=1</c> it is killed wherever it changes anything (<c>FailPoint.Changed</c>), too, for each operation.
/// </summary>
public sealed partial class CrashTests
{
    public static TheoryData<string> Operations => [.. s_operations.Keys];

    /// <summary>Those that the next daemon has something to do about.</summary>
    public static TheoryData<string> Recovered => [.. s_operations.Where(operation => Soak.IsAsked || operation.Value.Twice.Length > 0).Select(operation => operation.Key)];

    public static TheoryData<string> Together => [.. s_together.Keys];

    [Theory, MemberData(nameof(Operations))]
    public async Task A_daemon_killed_at_any_step_loses_nothing_and_leaves_nothing(string name)
    {
        var operation = s_operations[name];
        await using var scene = await CrashScene.SetAsync(operation.Commands);
        var (before, reached, after) = await RehearseAsync(scene, operation);

        // The daemon says itself what steps there are on the way; so a new one is tried, too.
        foreach (var point in PointsOf(operation, reached))
        {
            await scene.RunAllAsync(operation.Before);
            await DieAsync(scene, operation, point);
            await scene.Daemon.StartAgainAsync();
            var found = await FindAsync(scene, operation, before, after, $"after '{point}' of '{name}'");
            await FinishAsync(scene, operation, found, before, after, $"after '{point}' of '{name}'");
        }
    }

    [Theory, MemberData(nameof(Recovered))]
    public async Task A_daemon_killed_again_while_it_recovers_loses_nothing_and_leaves_nothing(string name)
    {
        var operation = s_operations[name];
        await using var scene = await CrashScene.SetAsync(operation.Commands);
        var (before, reached, after) = await RehearseAsync(scene, operation);
        await scene.Daemon.CrashAsync();
        await scene.TraceAsync();
        await scene.Daemon.StartAgainAsync();
        var usual = await scene.TracedAsync();

        foreach (var point in Soak.IsAsked ? PointsOf(operation, reached) : operation.Twice)
        {
            // Once undisturbed, to hear what the next daemon does about it, and no other.
            await scene.RunAllAsync(operation.Before);
            await DieAsync(scene, operation, point);
            await scene.TraceAsync();
            await scene.Daemon.StartAgainAsync();
            var found = await FindAsync(scene, operation, before, after, $"after '{point}' of '{name}'");
            var recovery = (await scene.TracedAsync()).Except(usual, StringComparer.Ordinal).ToList();
            recovery.ShouldNotBeEmpty($"the next daemon has something to do after '{point}' of '{name}'");
            await FinishAsync(scene, operation, found, before, after, $"after '{point}' of '{name}'");

            await DieAgainAsync(scene, operation, before, after, point, new Queue<string>(recovery), $"after '{point}' of '{name}'");
        }
    }

    [Theory, MemberData(nameof(Together))]
    public async Task A_daemon_killed_while_it_does_two_things_at_once_loses_nothing_and_leaves_nothing(string name)
    {
        var (one, other) = s_together[name];
        await using var scene = await CrashScene.SetAsync([.. one.Commands, .. other.Commands]);

        // Either may be done or not begun, whatever the other is.
        var whole = new List<string>();
        var places = new List<string>();
        foreach (var acts in new string[][] { [], [one.Act], [other.Act], [one.Act, other.Act] })
        {
            await scene.RunAllAsync([.. one.Before, .. other.Before]);
            await scene.TraceAsync();
            await scene.RunAllAsync(acts);
            places.AddRange(await scene.TracedAsync());
            whole.Add(string.Join('\n', await scene.InventoryAsync(null)));
            await CleanUpAsync();
            (await scene.InventoryAsync(null)).ShouldBe(scene.Empty);
        }

        var points = places.Distinct(StringComparer.Ordinal).Where(place => Soak.IsAsked || IsStep(place)).Order(StringComparer.Ordinal).ToList();
        foreach (var point in points.Where((_, i) => Soak.IsAsked || i % 4 == 0))
        {
            await scene.RunAllAsync([.. one.Before, .. other.Before]);
            await scene.ArmAsync(point);
            var acts = await Task.WhenAll(scene.RunAsync(one.Act), scene.RunAsync(other.Act));
            await Eventually.HoldsAsync($"'{name}' come to '{point}': {string.Concat(acts.Select(act => act.All))}\n{scene.Daemon.Log}", () => !scene.Daemon.IsRunning);
            (await scene.Daemon.EndAsync()).ShouldBe(137, scene.Daemon.Log);
            scene.Disarm();
            await scene.Daemon.StartAgainAsync();
            await Eventually.PassesAsync(async () => whole.ShouldContain(string.Join('\n', await scene.InventoryAsync(null)), $"after '{point}' of '{name}': each done or not begun\n{scene.Daemon.Log}"));

            // Again, whatever of it was done.
            await scene.RunAsync(one.Act);
            await scene.RunAsync(other.Act);
            string.Join('\n', await scene.InventoryAsync(null)).ShouldBe(whole[^1], $"after '{point}' of '{name}'");
            await scene.IsWholeAsync($"after '{point}' of '{name}'");
            await CleanUpAsync();
            await scene.KeepsNothingAsync($"after '{point}' of '{name}'");
        }

        // What is not there need not be removed.
        async Task CleanUpAsync()
        {
            foreach (var command in one.After.Concat(other.After))
            {
                await scene.RunAsync(command);
            }
        }
    }

    [Fact]
    public void Every_fail_point_of_the_sources_is_tried()
    {
        var there = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .SelectMany(file => Reached().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        s_operations.Values.SelectMany(operation => operation.Points).Where(point => !point.Contains(' ', StringComparison.Ordinal)).Concat(BuildCrashTests.Points).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(there);
    }

    // Once without a crash: what there is to be before and after.
    private static async Task<(IReadOnlyList<string> Before, IReadOnlyList<string> Reached, IReadOnlyList<string> After)> RehearseAsync(CrashScene scene, Operation operation)
    {
        await scene.RunAllAsync(operation.Before);
        var before = await scene.InventoryAsync(operation.Look);
        await scene.TraceAsync();
        (await scene.RunAsync(operation.Act)).Succeeded();
        // What comes after the answer is waited for; looking at it must not be taken for a part of it.
        IReadOnlyList<string> reached = operation.IsDone is null ? await scene.TracedAsync() : [];
        IReadOnlyList<string> after = [];
        await Eventually.PassesAsync(async () =>
        {
            after = await scene.InventoryAsync(operation.Look);
            (operation.IsDone?.Invoke(after) ?? true).ShouldBeTrue($"it is done a moment later: {string.Join('\n', after)}");
        });
        if (operation.IsDone is not null)
        {
            reached = await scene.TracedAsync();
        }

        await scene.RunAllAsync(operation.After);
        (await scene.InventoryAsync(null)).ShouldBe(scene.Empty);
        return (before, reached, after);
    }

    private static IEnumerable<string> PointsOf(Operation operation, IReadOnlyList<string> reached) => operation.Points.Union(reached.Where(place => Soak.IsAsked || IsStep(place)), StringComparer.Ordinal);

    private static async Task DieAsync(CrashScene scene, Operation operation, string point)
    {
        await scene.ArmAsync(point);
        var act = await scene.RunAsync(operation.Act);
        if (Soak.IsAsked && act.ExitCode == 0 && !operation.Points.Contains(point, StringComparer.Ordinal))
        {
            await scene.Daemon.CrashAsync(); // what is made ahead or written later is not come to each time
        }

        await Eventually.HoldsAsync($"'{operation.Act}' comes to '{point}': {act.All}\n{scene.Daemon.Log}", () => !scene.Daemon.IsRunning);
        (await scene.Daemon.EndAsync()).ShouldBe(137, scene.Daemon.Log);
        if (!Soak.IsAsked && operation.IsDone is null)
        {
            act.Failed();
        }

        scene.Disarm();
    }

    // At each change of a recovery: one daemon dies of it, the next one at the following change, until one comes to the end. In the long form each is alone.
    private static async Task DieAgainAsync(CrashScene scene, Operation operation, IReadOnlyList<string> before, IReadOnlyList<string> after, string point, Queue<string> left, string when)
    {
        while (left.Count > 0)
        {
            await scene.RunAllAsync(operation.Before);
            await DieAsync(scene, operation, point);
            var deaths = new List<string>();
            do
            {
                await scene.ArmAsync(left.Peek());
                await scene.Daemon.StartOrDieAsync();
                try
                {
                    // The second half comes a moment after the daemon is there.
                    if (scene.Daemon.IsRunning)
                    {
                        await FindAsync(scene, operation, before, after, when);
                        await scene.Daemon.CrashAsync();
                        break;
                    }
                }
                catch (HttpRequestException)
                {
                    // It died while it was asked.
                }

                (await scene.Daemon.EndAsync()).ShouldBe(137, scene.Daemon.Log);
                deaths.Add(left.Dequeue());
            }
            while (left.Count > 0 && !Soak.IsAsked);

            if (deaths.Count == 0)
            {
                left.Dequeue(); // also alone it is not come to, this time
            }

            scene.Disarm();
            await scene.Daemon.StartAgainAsync();
            var whenAgain = $"{when}, then '{string.Join("', '", deaths)}'";
            var found = await FindAsync(scene, operation, before, after, whenAgain);
            await FinishAsync(scene, operation, found, before, after, whenAgain);
        }
    }

    /// <summary>What there is: done, or not begun.</summary>
    private static async Task<IReadOnlyList<string>> FindAsync(CrashScene scene, Operation operation, IReadOnlyList<string> before, IReadOnlyList<string> after, string when)
    {
        // The second half of a restart comes a moment after the daemon is there.
        IReadOnlyList<string> found = [];
        await Eventually.PassesAsync(async () =>
        {
            found = await scene.InventoryAsync(operation.Look);
            new[] { string.Join('\n', before), string.Join('\n', after) }.ShouldContain(string.Join('\n', found), $"{when}: done or not begun\n{scene.Daemon.Log}");
        });
        return found;
    }

    // The same command succeeds, unless it has.
    private static async Task FinishAsync(CrashScene scene, Operation operation, IReadOnlyList<string> found, IReadOnlyList<string> before, IReadOnlyList<string> after, string when)
    {
        if (!found.SequenceEqual(after, StringComparer.Ordinal) || before.SequenceEqual(after, StringComparer.Ordinal))
        {
            var act = await scene.RunAsync(operation.Act);
            // What it sets off may be on its way already, and the container between two runs.
            if (operation.IsDone is null)
            {
                act.Succeeded($"done again, {when}");
            }

            await Eventually.PassesAsync(async () => (await scene.InventoryAsync(operation.Look)).ShouldBe(after, when));
        }

        await scene.IsWholeAsync(when);
        await scene.RunAllAsync(operation.After);
        await scene.KeepsNothingAsync(when);
    }

    // Of a recipe; not what was made ahead this time and need not be made the next.
    private static bool IsStep(string place) =>
        place.Contains('.', StringComparison.Ordinal) && !place.Contains(' ', StringComparison.Ordinal) && !place.StartsWith("namespace.", StringComparison.Ordinal) && !place.StartsWith("layer.", StringComparison.Ordinal);

    [GeneratedRegex("FailPoint\\.Reach\\(\"(?<name>[a-z.-]+)\"\\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reached();
}
