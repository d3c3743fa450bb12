using System.Text;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Engines;

/// <summary>What the daemon counts, as text of <see href="https://prometheus.io/docs/instrumenting/exposition_formats/">Prometheus</see>.</summary>
internal sealed class MetricsEndpoints(DockerDaemon daemon)
{
    /// <summary>Adds the endpoint.</summary>
    internal void Map(RouteTable routes) => routes.Map("GET", "/sampan/metrics", Metrics);

    private async Task Metrics(Exchange x)
    {
        var pool = daemon.Engine.Networks.Pool;
        var text = new StringBuilder();
        Write(text, "sampan_network_pool_size", "gauge", "Network namespaces that are kept ready.", ("links=\"yes\"", pool.Size), ("links=\"no\"", pool.BareSize));
        Write(text, "sampan_network_pool_ready", "gauge", "Network namespaces that are ready.", ("links=\"yes\"", pool.Ready), ("links=\"no\"", pool.BareReady));
        Write(text, "sampan_network_pool_starts_total", "counter", "Containers that were given a network namespace.", ("from=\"pool\"", pool.Taken), ("from=\"kernel\"", pool.Missed));
        x.Http.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        await x.Http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), x.Aborted).ConfigureAwait(false);
    }

    private static void Write(StringBuilder text, string name, string type, string help, params ReadOnlySpan<(string Labels, long Value)> samples)
    {
        text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
        foreach (var (labels, value) in samples)
            text.Append($"{name}{{{labels}}} {value}\n");
    }
}
