using Sampan.Network;

namespace Sampan.Kernel.Tests.Network;

/// <summary>A directory and a namespace in the host's role, with a service on it; all of it goes with the test.</summary>
internal sealed class NetworkFixture : IAsyncDisposable
{
    internal const string Bridge = "sptest0";

    private readonly TimeProvider _time;
    private NetworkService? _service;

    private NetworkFixture(string directory, TimeProvider time) => (Directory, Host, _time) = (directory, TestSpace.Make("host"), time);

    internal string Directory { get; }

    internal TestSpace Host { get; }

    internal NetworkService Service => _service ?? throw new InvalidOperationException("no service is open");

    internal NetworkOptions Options { get; private set; } = new()
    {
        Bridge = Bridge,
        BridgeAddress = "10.77.0.1/16",
        StateDirectory = "",
        ExecDirectory = "",
    };

    internal static async Task<NetworkFixture> OpenAsync(Func<NetworkOptions, NetworkOptions>? change = null, TimeProvider? time = null)
    {
        var fixture = new NetworkFixture(System.IO.Directory.CreateTempSubdirectory("sampan-net-").FullName, time ?? TimeProvider.System);
        fixture.Options = change?.Invoke(fixture.Options) ?? fixture.Options;
        try
        {
            await fixture.StartAsync();
            return fixture;
        }
        catch
        {
            await fixture.DisposeAsync();
            throw;
        }
    }

    /// <summary>As the next daemon, with other options.</summary>
    internal Task StartAsync(Func<NetworkOptions, NetworkOptions> change)
    {
        Options = change(Options);
        return StartAsync();
    }

    internal async Task StartAsync() => _service = await NetworkService.OpenAsync(
        Options with { StateDirectory = Path.Combine(Directory, "state"), ExecDirectory = Path.Combine(Directory, "netns") },
        _time,
        Host.Path,
        CancellationToken.None);

    /// <summary>As a daemon that ends or is killed: what it made stays.</summary>
    internal async Task StopAsync()
    {
        await Service.DisposeAsync();
        _service = null;
    }

    internal async Task<NetworkAttachment> ConnectAsync(EndpointRequest request)
    {
        var attachment = await Service.ConnectAsync(request, CancellationToken.None);
        await attachment.Wired;
        return attachment;
    }

    internal Task<NetworkAttachment> ConnectAsync(string id, params IReadOnlyList<PortRequest> ports) =>
        ConnectAsync(new EndpointRequest { ContainerId = id, NetworkName = "bridge", Hostname = id, Ports = ports });

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.ReleaseAllAsync(CancellationToken.None);
            await _service.DisposeAsync();
        }

        Host.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
