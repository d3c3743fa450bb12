using System.Globalization;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;

namespace Sampan.Server.Docker.Containers;

/// <summary>The filters of <c>docker ps</c>.</summary>
internal sealed class ContainerFilter
{
    private readonly Filters _filters;
    private readonly ContainerEngine _engine;
    private readonly ContainerSnapshot? _before;
    private readonly ContainerSnapshot? _since;
    private readonly HashSet<string>? _ancestors;

    /// <summary>Reads the filters.</summary>
    /// <param name="json">The query parameter; null: none.</param>
    /// <param name="engine">Where the containers and images that they name are found.</param>
    internal ContainerFilter(string? json, ContainerEngine engine)
    {
        _engine = engine;
        _filters = Filters.Parse(json, "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name", "network", "publish", "since", "status", "volume");
        foreach (var status in _filters.Values("status"))
        {
            if (!StateWords.All.Contains(status))
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'status={status}': expected one of {string.Join(", ", StateWords.All)}");
        }

        foreach (var health in _filters.Values("health"))
        {
            if (!HealthMapper.Words.Contains(health))
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'health={health}': expected one of {string.Join(", ", HealthMapper.Words)}");
        }

        foreach (var code in _filters.Values("exited"))
        {
            if (!int.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'exited={code}': expected a whole number");
        }

        // That one asks for is an error even when there is nobody to be asked for.
        foreach (var ports in _filters.Values("publish").Concat(_filters.Values("expose")))
            _ = InRange(ports, 0, PortProtocol.Tcp);

        _before = Only("before");
        _since = Only("since");
        _ancestors = Ancestors();
    }

    /// <summary>Some filters look beyond the running containers by themselves.</summary>
    internal bool AsksForAll => _filters.Has("status") || _before is not null || _since is not null;

    /// <summary>Whether a container is wanted.</summary>
    internal bool Matches(ContainerSnapshot c)
    {
        return _filters.Any("id", v => c.Id.StartsWith(v, StringComparison.Ordinal))
            && _filters.Any("name", v => Filters.NameMatches(c.Name, v) || Filters.NameMatches("/" + c.Name, v))
            && _filters.Labels(c.Spec.Labels)
            && _filters.Any("status", v => StateWords.Of(c) == v)
            && _filters.Any("exited", v => !c.IsRunning && StateWords.LastExit(c) is { } exit && exit.ExitCode == int.Parse(v, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            && _filters.Any("health", v => v == HealthMapper.Word(c.Health))
            && _filters.Flag("is-task") is not true
            && (_ancestors is null || _ancestors.Contains(c.ImageId))
            && (_before is null || (c.Created < _before.Created && c.Id != _before.Id))
            && (_since is null || (c.Created > _since.Created && c.Id != _since.Id))
            && _filters.Any("volume", v => c.Mounts.Any(m => m.VolumeName == v || m.Destination == v || m.Source == v))
            && _filters.Any("network", v => c.Endpoints.Any(e => e.NetworkName == v || (v.Length > 0 && e.NetworkId.StartsWith(v, StringComparison.Ordinal))))
            && _filters.Any("publish", v => c.Endpoints.SelectMany(e => e.Ports).Any(p => InRange(v, p.HostPort, p.Port.Protocol)) || c.Spec.PublishedPorts.Any(p => p.HostPort is { } port && InRange(v, port, p.Port.Protocol)))
            && _filters.Any("expose", v => c.Spec.ExposedPorts.Any(p => InRange(v, p.Number, p.Protocol)));
    }

    private static bool InRange(string text, ushort port, PortProtocol protocol)
    {
        var slash = text.IndexOf('/');
        var numbers = slash < 0 ? text : text[..slash];
        var dash = numbers.IndexOf('-');
        var first = dash < 0 ? numbers : numbers[..dash];
        var last = dash < 0 ? numbers : numbers[(dash + 1)..];
        if (!ushort.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from) || !ushort.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to))
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid port filter '{text}': expected a port or a range of ports, perhaps with '/tcp' or '/udp'");
        if (slash >= 0 && !string.Equals(text[(slash + 1)..], protocol.ToString(), StringComparison.OrdinalIgnoreCase))
            return false;
        if (slash < 0 && protocol != PortProtocol.Tcp)
            return false;
        return port >= from && port <= to;
    }

    private ContainerSnapshot? Only(string name) => _filters.Values(name) switch
    {
        [] => null,
        [var id] => _engine.Containers.Get(id),
        _ => throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter '{name}': only one is allowed"),
    };

    // An image that does not exist has no containers; images built on top of one count as well, by their layers.
    private HashSet<string>? Ancestors()
    {
        if (!_filters.Has("ancestor"))
            return null;
        var images = _engine.Images.List();
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in _filters.Values("ancestor"))
        {
            try
            {
                var ancestor = _engine.Images.Get(name);
                found.Add(ancestor.Id);
                found.UnionWith(images.Where(i => ancestor.DiffIds.Count > 0 && i.DiffIds.Take(ancestor.DiffIds.Count).SequenceEqual(ancestor.DiffIds)).Select(i => i.Id));
            }
            catch (EngineException unknown) when (unknown.Kind == ErrorKind.NotFound)
            {
                // No container is of it.
                continue;
            }
        }

        return found;
    }
}
