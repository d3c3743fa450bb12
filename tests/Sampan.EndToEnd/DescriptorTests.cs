using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The daemon may have few files open, and somebody wants more: whoever is refused is told the limit and what to do, what runs goes on, and when there is room again all works.</summary>
public sealed class DescriptorTests
{
    private const int Limit = 1024;

    [Fact]
    public async Task With_1024_descriptors_forty_containers_run_and_who_follows_too_much_is_told_so()
    {
        await using var daemon = await StartAsync(Limit);
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
            (await daemon.SampanAsync("run", "-d", "--label", "many", "busybox", "sleep", "3600")).Succeeded());
        await using var visitor = await Visitor.StartAsync(daemon);
        (await daemon.SampanAsync("run", "-d", "--name", "followed", "busybox", "sh", "-c", "while true; do echo line; sleep 1; done")).Succeeded();

        var followers = new List<Socket>();
        try
        {
            string[] requests = ["GET /events", "GET /containers/followed/logs?follow=1&stdout=1", "POST /containers/followed/attach?stream=1&stdout=1", "GET /containers/followed/stats"];
            var refusal = "";
            while (refusal.Length == 0 && followers.Count < Limit)
            {
                var follower = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                followers.Add(follower);
                var answer = await AskAsync(daemon, follower, requests[followers.Count % requests.Length]);
                refusal = answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal) ? "" : answer;
            }

            Refused(refusal);
            followers.Count.ShouldBeGreaterThan(100);
            (await daemon.SampanAsync("ps")).Failed().Saying("too many open files").Saying($"{Limit}").Saying("LimitNOFILE");
            await visitor.WasServedThroughoutAsync("a crowd of followers");
        }
        finally
        {
            followers.ForEach(socket => socket.Dispose());
        }

        daemon.IsRunning.ShouldBeTrue(daemon.Log);
        await Eventually.HoldsAsync("the daemon answers again", async () => (await daemon.SampanAsync("ps", "-q", "--filter", "label=many")).Lines.Length == 40);
        await Eventually.HoldsAsync("what followed is let go of", async () => (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "again")).Text == "again");
        daemon.Log.ShouldContain("too many open files for another client");
    }

    [Fact]
    public async Task With_few_descriptors_containers_are_refused_in_time_to_stop_others()
    {
        await using var daemon = await StartAsync(256);
        await using var visitor = await Visitor.StartAsync(daemon);
        var names = new List<string>();
        Outcome last;
        do
        {
            names.Add($"c{names.Count}");
            last = await daemon.SampanAsync("run", "-d", "--name", names[^1], "busybox", "sleep", "3600");
        }
        while (last.ExitCode == 0 && names.Count < 256);

        last.Failed().Saying($"cannot start container '{names[^1]}': too many open files").Saying("256").Saying("LimitNOFILE");
        (await daemon.SampanAsync("exec", names[0], "echo", "inside")).Succeeded("there is room for clients").ShouldBe("inside");
        (await daemon.SampanAsync("rm", "-f", names[0], names[1], names[2], names[3])).Succeeded();
        await Eventually.HoldsAsync("there is room again", async () => (await daemon.SampanAsync("start", names[^1])).ExitCode == 0);
        await visitor.WasServedThroughoutAsync("too many containers");
    }

    [Fact]
    public async Task Without_any_descriptor_the_daemon_waits_and_goes_on_when_there_is_one()
    {
        await using var daemon = await StartAsync(Limit);
        await using var visitor = await Visitor.StartAsync(daemon);
        var waiting = new List<Socket>();
        try
        {
            (await Shell.RunAsync("prlimit", ["--pid", $"{daemon.Pid}", "--nofile=8:1024"])).Succeeded();
            for (var i = 0; i < 20; i++)
            {
                var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                waiting.Add(client);
                await client.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket));
                await client.SendAsync(Encoding.ASCII.GetBytes("GET /_ping HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n"));
            }

            var (began, used) = (DateTime.UtcNow, ProcessorTime(daemon));
            await visitor.WasServedThroughoutAsync("the lack of descriptors");
            await Eventually.HoldsAsync("some time has passed", () => DateTime.UtcNow - began > TimeSpan.FromSeconds(2));
            (ProcessorTime(daemon) - used).ShouldBeLessThan((DateTime.UtcNow - began) / 2, "it does not try without a pause");

            (await Shell.RunAsync("prlimit", ["--pid", $"{daemon.Pid}", $"--nofile={Limit}:{Limit}"])).Succeeded();
            foreach (var client in waiting)
            {
                (await ReadAsync(client)).ShouldStartWith("HTTP/1.1 200");
            }
        }
        finally
        {
            waiting.ForEach(socket => socket.Dispose());
        }

        (await daemon.SampanAsync("run", "--rm", "busybox", "echo", "again")).Succeeded().ShouldBe("again");
        await visitor.WasServedThroughoutAsync("all of it");
    }

    private static async Task<Daemon> StartAsync(int limit)
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        await daemon.StopAsync();
        var limited = Path.Combine(daemon.Root, "sampand");
        await File.WriteAllTextAsync(limited, $"#!/bin/sh\nulimit -n {limit}\nexec {daemon.Executable} \"$@\"\n");
        File.SetUnixFileMode(limited, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        daemon.Executable = limited;
        await daemon.StartAgainAsync();
        return daemon;
    }

    private static void Refused(string answer)
    {
        answer.ShouldStartWith("HTTP/1.1 503");
        answer.ShouldContain("too many open files");
        answer.ShouldContain($"{Limit}");
        answer.ShouldContain("LimitNOFILE");
    }

    private static async Task<string> AskAsync(Daemon daemon, Socket socket, string request)
    {
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(daemon.Socket));
        await socket.SendAsync(Encoding.ASCII.GetBytes($"{request} HTTP/1.1\r\nHost: engine\r\nContent-Length: 0\r\n\r\n"));
        return await ReadAsync(socket);
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Shell.Patience);
        var answer = new byte[4096];
        return Encoding.ASCII.GetString(answer, 0, await socket.ReceiveAsync(answer, patience.Token));
    }

    private static TimeSpan ProcessorTime(Daemon daemon)
    {
        const int PerSecond = 100;
        // Behind the name, which may have spaces: user and system time are the 12th and 13th.
        var fields = File.ReadAllText($"/proc/{daemon.Pid}/stat").Split(") ")[^1].Split(' ');
        return TimeSpan.FromSeconds((double)(long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / PerSecond);
    }
}
