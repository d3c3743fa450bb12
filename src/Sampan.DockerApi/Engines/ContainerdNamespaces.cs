namespace Sampan.DockerApi.Engines;

/// <summary>Namespaces of containerd.</summary>
public sealed record ContainerdNamespaces
{
    /// <summary>For containers.</summary>
    public string Containers { get; init => field = value ?? ""; } = "";

    /// <summary>For plug-ins.</summary>
    public string Plugins { get; init => field = value ?? ""; } = "";
}
