using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers;

namespace Sampan.Server.Docker.Containers;

/// <summary>Makes the rows of <c>docker ps</c>.</summary>
internal static class ContainerSummaryMapper
{
    /// <summary>A container in a list.</summary>
    /// <param name="container">What the engine knows.</param>
    /// <param name="image">The name to show for the image: as the user gave it, or the id if that name means another image now.</param>
    /// <param name="now">The time, for the ages.</param>
    /// <param name="size">Bytes written and bytes in all; null: not asked for.</param>
    internal static ContainerSummary ToSummary(ContainerSnapshot container, string image, DateTimeOffset now, (long Written, long Total)? size = null) => new()
    {
        Id = container.Id,
        Names = ["/" + container.Name],
        Image = image,
        ImageID = container.ImageId,
        Command = ToCommand(container.Argv),
        Created = container.Created.ToUnixTimeSeconds(),
        Ports = PortMapper.ToSummaries(container),
        SizeRw = size?.Written,
        SizeRootFs = size?.Total,
        Labels = container.Spec.Labels,
        State = StateWords.Of(container),
        Status = StateWords.Status(container, now),
        Health = HealthMapper.ToSummary(container.Health),
        HostConfig = new ContainerSummaryHostConfig
        {
            NetworkMode = container.Spec.Network.Mode == "default" ? "bridge" : container.Spec.Network.Mode,
            Annotations = container.Spec.Annotations.Count == 0 ? null : container.Spec.Annotations,
        },
        NetworkSettings = new ContainerSummaryNetworks { Networks = ContainerInspectMapper.ToNetworks(container) },
        Mounts = ContainerInspectMapper.ToMounts(container),
    };

    // Docker puts arguments in single quotes if there is a space in them.
    private static string ToCommand(IReadOnlyList<string> argv)
    {
        if (argv.Count == 0)
            return "";
        var arguments = argv.Skip(1).Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a);
        return string.Join(' ', arguments.Prepend(argv[0]));
    }
}
