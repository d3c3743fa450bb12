using System.Diagnostics.CodeAnalysis;

namespace Sampan.Engine.Containers;

/// <summary>All containers by id and name. A name is reserved before its container exists, so that two creators cannot both have it.</summary>
internal sealed class ContainerRegistry
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Container> _byId = [];
    private readonly Dictionary<string, string> _idByName = [];
    private readonly Dictionary<string, string> _creating = [];
    private volatile IReadOnlyList<Container> _all = [];

    /// <summary>Every container, newest first.</summary>
    public IReadOnlyList<Container> All => _all;

    /// <summary>Told of each move of each container that is entered from now on, after it.</summary>
    public Action<Container>? Moved { get; set; }

    /// <summary>Reserves a name.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.Conflict"/>: it is taken.</exception>
    public void Reserve(string name, string id)
    {
        lock (_gate)
        {
            if (!_idByName.TryAdd(name, id))
                throw EngineException.Conflict($"Conflict. The container name \"/{name}\" is already in use by container \"{_idByName[name]}\". You have to remove (or rename) that container to be able to reuse that name.");
        }
    }

    /// <summary>Reserves a name that nobody chose.</summary>
    public string ReserveGenerated(string id)
    {
        for (var attempt = 0; ; attempt++)
        {
            var name = ContainerName.Generate(attempt);
            lock (_gate)
            {
                if (_idByName.TryAdd(name, id))
                    return name;
            }
        }
    }

    /// <summary>Says that a container is being made of an image, before it can be found: nothing of it is to be pruned meanwhile.</summary>
    /// <returns>To be disposed when the container can be found, or will not be.</returns>
    public IDisposable Creating(string id, string imageId)
    {
        lock (_gate)
            _creating.Add(id, imageId);
        return new Creation(this, id);
    }

    /// <summary>The id of a container that is just being made of an image, or null.</summary>
    public string? CreationOf(string imageId)
    {
        lock (_gate)
            return _creating.FirstOrDefault(creation => creation.Value == imageId).Key;
    }

    /// <summary>Whether a container of that id is just being made.</summary>
    public bool IsBeingCreated(string id)
    {
        lock (_gate)
            return _creating.ContainsKey(id);
    }

    /// <summary>Gives a name back.</summary>
    public void Release(string name)
    {
        lock (_gate)
            _idByName.Remove(name);
    }

    /// <summary>Enters a container whose name is reserved.</summary>
    public void Add(Container container)
    {
        container.Moved = Moved;
        lock (_gate)
        {
            _byId[container.Id] = container;
            Publish();
        }
    }

    /// <summary>Takes a container and its name out.</summary>
    public void Remove(Container container)
    {
        lock (_gate)
        {
            _byId.Remove(container.Id);
            _idByName.Remove(container.Current.Name);
            Publish();
        }
    }

    /// <summary>Finds by id, name, or the beginning of an id, in this order, as Docker.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.NotFound"/>, or <see cref="ErrorKind.InvalidArgument"/> when several ids begin so.</exception>
    public Container Get(string idOrName)
    {
        if (TryFind(idOrName, out var container))
            return container;
        throw EngineException.NotFound($"No such container: {idOrName}");
    }

    /// <summary>As <see cref="Get"/>, without the exception for what is not there.</summary>
    public bool TryFind(string idOrName, [NotNullWhen(true)] out Container? container)
    {
        lock (_gate)
        {
            var name = idOrName.StartsWith('/') ? idOrName[1..] : idOrName;
            if (_byId.TryGetValue(idOrName, out container))
                return true;
            if (_idByName.TryGetValue(name, out var id))
                return _byId.TryGetValue(id, out container);
            if (idOrName.Length == 0)
                return false;
            var matches = _byId.Values.Where(c => c.Id.StartsWith(idOrName, StringComparison.Ordinal)).Take(2).ToList();
            if (matches.Count > 1)
                throw EngineException.Invalid($"Multiple IDs found with provided prefix: {idOrName}");
            container = matches.Count == 1 ? matches[0] : null;
            return container is not null;
        }
    }

    private sealed class Creation(ContainerRegistry registry, string id) : IDisposable
    {
        public void Dispose()
        {
            lock (registry._gate)
                registry._creating.Remove(id);
        }
    }

    private void Publish() => _all = [.. _byId.Values.OrderByDescending(c => c.Current.Created)];
}
