namespace Sampan.EndToEnd.Harness;

/// <summary><c>sampand registry</c> on a free port of the loopback interface.</summary>
internal sealed class OwnRegistry : OwnServer
{
    private OwnRegistry(string[] arguments)
        : base("registry", arguments)
    {
    }

    public string Host => $"localhost:{Port}";

    /// <summary>Starts it; a configuration file has to leave the address to this.</summary>
    public static async Task<OwnRegistry> StartAsync(params string[] arguments)
    {
        var registry = new OwnRegistry(arguments);
        await registry.ReadyAsync();
        return registry;
    }
}
