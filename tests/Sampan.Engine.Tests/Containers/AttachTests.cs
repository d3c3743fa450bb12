using System.IO.Pipelines;
using System.Text;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Containers;

public sealed class AttachTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly AttachOptions All = new() { Stdin = true, Stdout = true, Stderr = true, Stream = true };

    [Fact]
    public async Task Attachment_before_the_start_is_connected_before_the_program_runs()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(Harbour.Spec with { OpenStdin = true });
        await using var stream = harbour.Containers.Attach(id, All);
        var output = new MemoryStream();
        var pump = stream.PumpAsync(null, output, None);

        await harbour.Containers.StartAsync(id, None);

        var wire = harbour.Process(id).Wires.ShouldHaveSingleItem();
        wire.BeforeStart.ShouldBeTrue();
        await wire.WriteAsync("hello"u8.ToArray());
        harbour.Process(id).End(0);
        (await pump).ShouldBe(AttachEnd.Finished);
        Encoding.UTF8.GetString(output.ToArray()).ShouldBe("hello");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_that_goes_before_the_start_is_not_connected(bool pumps)
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        var stream = harbour.Containers.Attach(id, All);
        if (pumps)
            (await stream.PumpAsync(null, Stream.Null, None, _ => Task.CompletedTask).WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(AttachEnd.ClientGone);
        await stream.DisposeAsync();
        await harbour.Containers.StartAsync(id, None);

        harbour.Process(id).Wires.ShouldBeEmpty();
    }

    [Fact]
    public async Task Attachment_ends_when_the_start_fails()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync();
        await using var stream = harbour.Containers.Attach(id, All);
        var pump = stream.PumpAsync(null, Stream.Null, None);
        harbour.Supervisors.LaunchFailure = new Sampan.Runtime.RuntimeException("mount", "cannot mount 'proc' on '/proc'");
        await Should.ThrowAsync<EngineException>(() => harbour.Containers.StartAsync(id, None));
        (await pump).ShouldBe(AttachEnd.Finished);
    }

    [Fact]
    public async Task Input_goes_to_the_program_and_its_end_closes_standard_input()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { OpenStdin = true });
        await using var stream = harbour.Containers.Attach(id, All);
        var pump = stream.PumpAsync(new MemoryStream("typed"u8.ToArray()), Stream.Null, None);
        while (harbour.Process(id).Wires.Count == 0)
            await Task.Delay(5);
        using var input = new StreamReader(harbour.Process(id).Wires[0].ProgramInput);
        (await input.ReadToEndAsync()).ShouldBe("typed");
        harbour.Process(id).End(0);
        (await pump).ShouldBe(AttachEnd.Finished);
    }

    [Fact]
    public async Task Detach_keys_end_the_attachment_and_not_the_program()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { OpenStdin = true, Tty = true });
        await using var stream = harbour.Containers.Attach(id, All);
        stream.Raw.ShouldBeTrue();
        var typing = new Pipe();
        var pump = stream.PumpAsync(typing.Reader.AsStream(), Stream.Null, None);
        await typing.Writer.WriteAsync(new byte[] { (byte)'a', 16 });
        await typing.Writer.WriteAsync(new byte[] { 17 });
        (await pump).ShouldBe(AttachEnd.Detached);
        harbour.Containers.Get(id).IsRunning.ShouldBeTrue();
        (await harbour.EventAsync("detach", id)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Client_that_goes_leaves_the_program_alone()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        await using var stream = harbour.Containers.Attach(id, All);
        using var client = new CancellationTokenSource();
        var pump = stream.PumpAsync(null, Stream.Null, client.Token);
        await client.CancelAsync();
        (await pump).ShouldBe(AttachEnd.ClientGone);
        harbour.Containers.Get(id).IsRunning.ShouldBeTrue();
    }

    [Fact]
    public async Task Follower_of_a_log_ends_when_the_container_is_removed()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync();
        File.WriteAllText(harbour.Containers.Get(id).LogPath!, "{\"log\":\"one\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T04:17:00Z\"}\n");
        var entries = harbour.Containers.LogsAsync(id, new Sampan.Engine.Logs.LogOptions { Follow = true }, None).GetAsyncEnumerator(None);
        (await entries.MoveNextAsync()).ShouldBeTrue();
        var next = entries.MoveNextAsync().AsTask();
        await harbour.Containers.RemoveAsync(id, new RemoveOptions { Force = true }, None);
        (await next.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeFalse();
        await entries.DisposeAsync();
    }

    [Theory]
    [InlineData("ctrl-p,ctrl-q", "a\x10\x11" + "b", "a", true)]
    [InlineData("ctrl-p,ctrl-q", "a\x10" + "b", "a\x10" + "b", false)]
    [InlineData("ctrl-p,ctrl-q", "\x10\x10\x11", "\x10", true)]
    [InlineData("x", "abx", "ab", true)]
    [InlineData("ctrl-@", "\0", "", true)]
    public void Detach_keys_are_found_and_the_rest_goes_on(string keys, string typed, string onward, bool detached)
    {
        var scanned = new List<byte>();
        DetachKeys.Parse(keys).Scan(Encoding.Latin1.GetBytes(typed), scanned).ShouldBe(detached);
        Encoding.Latin1.GetString([.. scanned]).ShouldBe(onward);
    }

    [Theory]
    [InlineData("ctrl-")]
    [InlineData("ctrl-1")]
    [InlineData("abc")]
    [InlineData("")]
    public void Detach_keys_that_are_none_are_refused(string keys) =>
        Should.Throw<EngineException>(() => DetachKeys.Parse(keys)).Kind.ShouldBe(ErrorKind.InvalidArgument);
}
