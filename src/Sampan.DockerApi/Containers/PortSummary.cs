namespace Sampan.DockerApi.Containers;

/// <summary>A port of a container in a list.</summary>
public sealed record PortSummary
{
    /// <summary>Address on the host; null: not published.</summary>
    public string? IP { get; init; }

    /// <summary>Port in the container.</summary>
    public int PrivatePort { get; init; }

    /// <summary>Port on the host; null: not published.</summary>
    public int? PublicPort { get; init; }

    /// <summary>tcp, udp or sctp.</summary>
    public string Type { get; init => field = value ?? ""; } = "";
}
