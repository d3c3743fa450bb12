using System.Net;
using System.Net.Sockets;
using Sampan.Engine.Tests.Doubles;
using Sampan.Storage.Registry;
using Sampand.Configuration;
using Sampand.Registry;

namespace Sampan.Server.Tests.Registry;

public sealed class RegistryControlTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("sampan-control-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Who_asks_gets_what_was_collected(bool dryRun, bool untagged)
    {
        await using var control = RegistryControl.Listen(_root.FullName, (dry, all, _) => new Collected(1, dry ? 1 : 0, all ? 1 : 0, long.MaxValue), TimeProvider.System);

        (await RegistryControl.AskAsync(_root.FullName, dryRun, untagged, Ct)).ShouldBe(new Collected(1, dryRun ? 1 : 0, untagged ? 1 : 0, long.MaxValue));
    }

    [Fact]
    public async Task Nobody_answers_where_no_registry_serves()
    {
        (await RegistryControl.AskAsync(_root.FullName, false, false, Ct)).ShouldBeNull();
        await RegistryControl.Listen(_root.FullName, (_, _, _) => new Collected(0, 0, 0, 0), TimeProvider.System).DisposeAsync();
        (await RegistryControl.AskAsync(_root.FullName, false, false, Ct)).ShouldBeNull("the socket of one that ended is still there");
        (await RegistryControl.AskAsync(Path.Combine(_root.FullName, "none"), false, false, Ct)).ShouldBeNull();
    }

    [Fact]
    public async Task A_failure_is_told_and_the_next_is_answered()
    {
        var fails = true;
        await using var control = RegistryControl.Listen(_root.FullName, (_, _, _) => fails ? throw new IOException("no\nluck") : new Collected(0, 0, 0, 0), TimeProvider.System);

        (await Should.ThrowAsync<ConfigurationException>(() => RegistryControl.AskAsync(_root.FullName, false, false, Ct))).Message.ShouldBe("no luck");
        fails = false;
        (await RegistryControl.AskAsync(_root.FullName, false, false, Ct)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_root_with_a_long_path_has_one_too_and_a_socket_left_by_a_crash_is_replaced()
    {
        var root = Directory.CreateDirectory(Path.Combine(_root.FullName, new string('d', 120))).FullName;
        await File.WriteAllTextAsync(Path.Combine(root, "control.sock"), "left", Ct);
        await using var control = RegistryControl.Listen(root, (_, _, _) => new Collected(0, 0, 0, 5), TimeProvider.System);

        (await RegistryControl.AskAsync(root, false, false, Ct)).ShouldBe(new Collected(0, 0, 0, 5));
    }

    [Fact]
    public async Task Who_cannot_take_a_connection_waits_before_trying_again_and_ends_when_asked_to()
    {
        var time = new ManualTime();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        var control = new RegistryControl(socket, (_, _, _) => new Collected(0, 0, 0, 0), time);

        // As with no descriptors, each attempt to take a connection fails at once.
        socket.Shutdown(SocketShutdown.Both);

        await time.WaiterAsync(TimeSpan.FromMilliseconds(100));
        await control.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }
}
