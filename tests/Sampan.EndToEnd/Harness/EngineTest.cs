namespace Sampan.EndToEnd.Harness;

/// <summary>
/// A test on the shared engine. Every container that it makes is gone when it ends, and every image beside <see cref="SharedEngine.Images"/>,
/// also when it fails half-way. None takes a name off an image that others use.
/// </summary>
public abstract class EngineTest(SharedEngine engine) : IAsyncLifetime
{
    private static int _names;
    private static int _images;

    public static TheoryData<string> Both => Clients.Both;

    internal SharedEngine Shared => engine;

    internal Daemon Daemon => engine.Daemon;

    /// <summary>A container name that no other test uses.</summary>
    protected static string NewName(string purpose) => $"{purpose}-{Interlocked.Increment(ref _names)}";

    internal Task<Outcome> RunAsync(string client, params string[] arguments) => Daemon.ClientAsync(client, arguments);

    /// <summary>Runs a busybox shell line in a new container and returns what it printed.</summary>
    internal async Task<string> BusyboxAsync(string client, string line, params string[] options)
        => (await Daemon.ClientAsync(client, ["run", "--rm", .. options, "busybox", "sh", "-c", line])).Succeeded();

    /// <summary>Starts a container that sleeps, and returns its id.</summary>
    internal async Task<string> SleeperAsync(string client, string name, params string[] options)
        => (await Daemon.ClientAsync(client, ["run", "-d", "--name", name, .. options, "busybox", "sleep", "3600"])).Succeeded();

    internal async Task<string> InspectAsync(string client, string name, string format)
        => (await Daemon.ClientAsync(client, "inspect", "-f", format, name)).Succeeded();

    /// <summary>Loads an image like busybox, but of its own, which the test may remove.</summary>
    internal async Task LoadOwnAsync(string name)
        => (await Daemon.ClientWithBytesAsync(Clients.Sampan, ImageArchive.OnBusybox().Layer(ImageArchive.File("own", $"{Interlocked.Increment(ref _images)}")).DockerArchive(name), "load", "-q")).Succeeded();

    public async ValueTask InitializeAsync() => await engine.EnsureRunningAsync();

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Daemon.RemoveAllContainersAsync();
        await Daemon.RemoveImagesExceptAsync(SharedEngine.Images);
    }
}
