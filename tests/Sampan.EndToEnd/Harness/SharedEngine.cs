namespace Sampan.EndToEnd.Harness;

/// <summary>One engine with the test images, for every test that does not restart or break its engine.</summary>
public sealed class SharedEngine : IAsyncLifetime
{
    private Daemon? _daemon;

    internal Daemon Daemon => _daemon ?? throw new InvalidOperationException("the shared engine is not running");

    public async ValueTask InitializeAsync()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        _daemon = await Daemon.StartAsync();
        await _daemon.LoadAsync("busybox");
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
