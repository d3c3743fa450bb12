namespace Sampan.EndToEnd.Harness;

/// <summary>One engine with the test images, for every test that does not restart or break its engine.</summary>
public sealed class SharedEngine : IAsyncDisposable
{
    /// <summary>What stays once a test has loaded it; others may rely on it.</summary>
    internal static readonly string[] Images = ["busybox:latest", "debian:latest", "nginx:latest", "sampan-registry:latest"];

    private Daemon? _daemon;

    internal Daemon Daemon => _daemon ?? throw new InvalidOperationException("the shared engine is not running");

    /// <summary>Starts the engine for the first test that needs it, and again when a test has crashed it: that test fails, not all after it.</summary>
    internal async Task EnsureRunningAsync()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        if (_daemon is null)
        {
            _daemon = await Daemon.StartAsync("--cdi-spec-dir", Path.Combine(AppContext.BaseDirectory, "Cdi"), "--add-runtime", $"other={Checkout.Executable("sampan-runtime")}");
            await _daemon.LoadAsync("busybox");
        }
        else if (!_daemon.IsRunning)
        {
            await _daemon.StartAgainAsync();
        }
    }

    /// <summary>Loads a larger image when the first test needs it.</summary>
    internal async Task<Daemon> WithAsync(string image)
    {
        if ((await Daemon.SampanAsync("image", "inspect", image)).ExitCode != 0)
        {
            await Daemon.LoadAsync(image);
        }

        return Daemon;
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
    }
}
