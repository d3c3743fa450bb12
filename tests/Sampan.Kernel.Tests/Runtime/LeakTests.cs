using System.Diagnostics;
using Sampan.Linux.Cgroups;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Many containers come and go, and what was there before is there after, no more and no less.</summary>
[Collection(CountingCollection.Name)]
public sealed class LeakTests
{
    [Trait("guest", "long")]
    [Fact]
    public async Task Containers_one_by_one_leave_nothing_behind()
    {
        await WarmUpAsync();
        var before = Census.Take();
        for (var i = 0; i < 40; i++)
            await RunOneAsync();
        await Census.ReturnsToAsync(before);
    }

    [Trait("guest", "long")]
    [Fact]
    public async Task Containers_side_by_side_leave_nothing_behind()
    {
        await WarmUpAsync();
        var before = Census.Take();
        await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => Task.Run(RunOneAsync)));
        await Census.ReturnsToAsync(before);
    }

    [Trait("guest", "long")]
    [Fact]
    public async Task Launches_that_fail_leave_nothing_behind()
    {
        await WarmUpAsync();
        var before = Census.Take();
        for (var i = 0; i < 10; i++)
        {
            await using var container = new TestContainer(
                spec => spec with { Mounts = [.. spec.Mounts, new Oci.Runtime.Mount { Destination = "/x", Type = "bind", Source = "/no/such", Options = ["bind"] }] }, "true");
            await Should.ThrowAsync<RuntimeException>(() => container.CreateAsync());
            await using var second = new TestContainer(null, "nothere");
            var client = await second.CreateAsync();
            await Should.ThrowAsync<StartFailedException>(() => client.StartAsync(TestContext.Current.CancellationToken));
            await client.Exited;
        }
        await Census.ReturnsToAsync(before);
    }

    [Fact]
    public async Task Execs_leave_no_descriptor_in_the_supervisor()
    {
        await using var container = new TestContainer(null, "sleep", "1000");
        var client = await container.CreateAsync();
        await client.StartAsync(TestContext.Current.CancellationToken);
        await ExecOneAsync(client, "first");
        var before = Directory.GetFiles($"/proc/{client.SupervisorPid}/fd").Length;
        for (var i = 0; i < 30; i++)
            await ExecOneAsync(client, "e" + i);
        // The last connections are closed when the supervisor next looks: one request makes it look.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        do
            await client.WaitLogAsync(-1, TestContext.Current.CancellationToken);
        while (Directory.GetFiles($"/proc/{client.SupervisorPid}/fd").Length > before && !patience.IsCancellationRequested);
        Directory.GetFiles($"/proc/{client.SupervisorPid}/fd").Length.ShouldBeLessThanOrEqualTo(before);
    }

    [Fact]
    public async Task Thousands_of_clones_run_managed_code()
    {
        var clones = Environment.GetEnvironmentVariable("GUEST") is null ? "2000" : "100"; // emulation is slow
        using var process = Process.Start(new ProcessStartInfo(RuntimeProgram.Require(), ["check", clones]) { RedirectStandardOutput = true, UseShellExecute = false }) ?? throw new InvalidOperationException();
        (await process.StandardOutput.ReadToEndAsync()).ShouldBe($"{clones} clones ran managed code\n");
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
    }

    /// <summary>What is made once and stays: the sealed program, one event loop of the sockets per processor.</summary>
    private static Task WarmUpAsync() => Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(RunOneAsync)));

    private static async Task ExecOneAsync(SupervisorClient client, string id)
    {
        await using var exec = await client.ExecAsync(SupervisorTests.Exec(id, "true"), TestContext.Current.CancellationToken);
        await exec.Stream!.CloseWriteAsync();
        await exec.Stream.CopyToAsync(Stream.Null);
        (await exec.Exited).ExitCode.ShouldBe(0);
    }

    private static async Task RunOneAsync()
    {
        await using var container = new TestContainer(null, "sh", "-c", "sleep 0.01 & echo done");
        var client = await container.CreateAsync();
        await using var stream = await client.AttachAsync(new AttachRequest { Stdout = true, Stderr = true }, TestContext.Current.CancellationToken);
        await client.StartAsync(TestContext.Current.CancellationToken);
        await stream.CopyToAsync(Stream.Null);
        (await client.Exited).ExitCode.ShouldBe(0);
    }

    /// <summary>What could leak: own descriptors and children, mounts of the host, cgroups of these tests.</summary>
    private sealed record Census(string Descriptors, int Children, int Mounts, int Cgroups)
    {
        /// <summary>What ended a moment ago may still be on its way out: a leak stays.</summary>
        internal static async Task ReturnsToAsync(Census before)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (Take() != before && !patience.IsCancellationRequested)
                await Task.Delay(50, CancellationToken.None);
            Take().ShouldBe(before);
        }

        internal static Census Take()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var children = Directory.GetDirectories("/proc/self/task").Sum(task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length);
            return new Census(Descriptors: DescribeDescriptors(), children, File.ReadAllLines("/proc/self/mountinfo").Count(line => line.Contains("/sampan-runtime-", StringComparison.Ordinal)), CountCgroups());
        }

        /// <summary>How many there are of each kind: the difference tells what leaks.</summary>
        private static string DescribeDescriptors() => string.Join(", ", Directory.GetFiles("/proc/self/fd")
            .Select(KindOf)
            .Where(kind => kind.Length > 0 && Path.GetExtension(kind) is not (".dll" or ".pdb")) // an assembly may be loaded, and a stack be described, at any time
            .GroupBy(kind => kind, StringComparer.Ordinal).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}"));

        /// <summary>Empty for the descriptor that the listing itself had.</summary>
        private static string KindOf(string descriptor)
        {
            try
            {
                return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name.Split('[', ':')[0] ?? "";
            }
            catch (FileNotFoundException)
            {
                return "";
            }
        }

        private static int CountCgroups()
        {
            var layout = CgroupHost.Detect().Layout;
            var count = 0;
            foreach (var mountPoint in layout.Hierarchies.Select(one => one.MountPoint).Append(layout.UnifiedMountPoint))
            {
                if (Directory.Exists(mountPoint + "/sampan-runtime-tests"))
                    count += Directory.GetDirectories(mountPoint + "/sampan-runtime-tests").Length;
            }
            return count;
        }
    }
}
