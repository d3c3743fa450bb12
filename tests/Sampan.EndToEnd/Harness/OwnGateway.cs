namespace Sampan.EndToEnd.Harness;

/// <summary><c>sampand gateway</c> on a free port of the loopback interface.</summary>
internal sealed class OwnGateway : OwnServer
{
    private OwnGateway(string[] arguments)
        : base("gateway", arguments)
    {
    }

    public string Url => $"http://127.0.0.1:{Port}/";

    public static async Task<OwnGateway> StartAsync(params string[] arguments)
    {
        var gateway = new OwnGateway(arguments);
        await gateway.ReadyAsync();
        return gateway;
    }
}
