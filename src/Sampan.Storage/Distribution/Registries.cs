using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Distribution;

/// <summary>The registries that images come from and go to. Thread-safe.</summary>
public sealed partial class Registries : IDisposable
{
    private readonly RegistryConnections _connections;
    private readonly RegistryEndpoints _endpoints;
    private readonly TimeProvider _time;
    private readonly ArchiveLimits _limits;

    /// <summary>Nothing is connected to before it is needed.</summary>
    /// <param name="options">How registries are found and talked to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limits">How large documents may be; null is <see cref="ArchiveLimits.Default"/>.</param>
    public Registries(RegistryOptions options, TimeProvider time, ArchiveLimits? limits = null)
    {
        Options = options;
        _time = time;
        _limits = limits ?? ArchiveLimits.Default;
        _connections = new RegistryConnections(options);
        _endpoints = new RegistryEndpoints(options);
        Downloads = new SemaphoreSlim(options.MaxConcurrentDownloads);
        Uploads = new SemaphoreSlim(options.MaxConcurrentUploads);
    }

    /// <summary>How registries are found and talked to.</summary>
    public RegistryOptions Options { get; }

    /// <summary>One place for each blob that is fetched at a time.</summary>
    internal SemaphoreSlim Downloads { get; }

    /// <summary>One place for each blob that is sent at a time.</summary>
    internal SemaphoreSlim Uploads { get; }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _connections.Dispose();
        Downloads.Dispose();
        Uploads.Dispose();
    }

    /// <summary>Checks credentials (<c>docker login</c>).</summary>
    /// <param name="domain">The registry.</param>
    /// <param name="credentials">The user's.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>A token that stands for the password from now on, or null.</returns>
    /// <exception cref="RegistryException">Unauthorized: they are wrong; others: it is no registry or not there.</exception>
    public Task<string?> LoginAsync(string domain, RegistryCredentials credentials, CancellationToken ct) => FirstAsync(domain, "", credentials, async session =>
    {
        await session.PingAsync(ct);
        return session.IdentityToken;
    }, ct);

    /// <summary>What a name points to at its registry, with the platforms that it has an image for.</summary>
    /// <param name="reference">The name.</param>
    /// <param name="credentials">The user's, or null.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="RegistryException">It is not there, or not for this user.</exception>
    public async Task<(Descriptor Descriptor, IReadOnlyList<Platform> Platforms)> DescribeAsync(ImageReference reference, RegistryCredentials? credentials, CancellationToken ct)
    {
        var location = await LocateAsync(reference, credentials, ct);
        var (client, document) = (location.Client, location.Document);
        if (MediaTypes.IsIndex(document.Descriptor.MediaType))
        {
            var index = Images.Layouts.ArchiveDocuments.ParseIndex(document.Content, reference.Familiar);
            return (document.Descriptor, [.. index.Manifests.Select(manifest => manifest?.Platform).OfType<Platform>()]);
        }
        var manifest = Images.Layouts.ArchiveDocuments.ParseManifest(document.Content, reference.Familiar);
        if (!MediaTypes.IsConfig(manifest.Config.MediaType))
            return (document.Descriptor, []);
        var config = Images.Layouts.ArchiveDocuments.ParseConfig(await client.GetDocumentAsync(manifest.Config, ct), manifest.Config.Digest.ToString(), _limits);
        return (document.Descriptor, [config.Platform]);
    }

    /// <summary>All tags of a repository.</summary>
    /// <param name="reference">The repository; its tag does not matter.</param>
    /// <param name="credentials">The user's, or null.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<IReadOnlyList<string>> ListTagsAsync(ImageReference reference, RegistryCredentials? credentials, CancellationToken ct) =>
        await FirstAsync(reference.Domain, reference.Path, credentials, session => Client(session).ListTagsAsync(ct), ct);

    /// <summary>Where an image may be, in the order to ask: its mirrors, then its registry.</summary>
    internal async Task<IReadOnlyList<RegistryClient>> ClientsForPullAsync(ImageReference reference, RegistryCredentials? credentials, CancellationToken ct, bool isPlugin = false) =>
        [.. (await _endpoints.ForPullAsync(reference, ct)).Select(endpoint => Client(Session(For(endpoint, isPlugin), credentials)))];

    /// <summary>Finds an image: at the first of its mirrors that has it, else at its registry.</summary>
    /// <exception cref="RegistryException">It is not there, or not for this user; the registry's own reason, not a mirror's.</exception>
    internal async Task<ImageLocation> LocateAsync(ImageReference reference, RegistryCredentials? credentials, CancellationToken ct, bool isPlugin = false)
    {
        var clients = await ClientsForPullAsync(reference, credentials, ct, isPlugin);
        var wanted = reference.Digest?.ToString() ?? reference.Tag ?? ImageReference.DefaultTag;
        for (var i = 0; ; i++)
        {
            try
            {
                var document = await clients[i].GetManifestAsync(wanted, null, patient: i + 1 == clients.Count, ct);
                return new ImageLocation(clients[i], document, clients.Skip(i + 1).ToList());
            }
            catch (RegistryException failure) when (i + 1 < clients.Count && (clients[i].Endpoint.IsMirror || IsWorthPlainHttp(clients[i].Endpoint, failure)))
            {
                // A mirror that lacks it or is down is no reason to fail.
            }
        }
    }

    /// <summary>The registry itself, for changing something there.</summary>
    internal async Task<RegistryClient> OpenAsync(ImageReference reference, RegistryCredentials? credentials, CancellationToken ct, bool isPlugin = false) =>
        await FirstAsync([.. (await _endpoints.OriginAsync(reference.Domain, reference.Path, ct)).Select(endpoint => For(endpoint, isPlugin))], credentials, async session =>
        {
            await session.PingAnonymouslyAsync(ct);
            return Client(session);
        });

    private static RegistryEndpoint For(RegistryEndpoint endpoint, bool isPlugin) => isPlugin ? endpoint with { ResourceClass = "repository(plugin)" } : endpoint;

    private async Task<T> FirstAsync<T>(string domain, string repository, RegistryCredentials? credentials, Func<RegistrySession, Task<T>> work, CancellationToken ct)
    {
        return await FirstAsync(await _endpoints.OriginAsync(domain, repository, ct), credentials, work);
    }

    private async Task<T> FirstAsync<T>(IReadOnlyList<RegistryEndpoint> endpoints, RegistryCredentials? credentials, Func<RegistrySession, Task<T>> work)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await work(Session(endpoints[i], credentials));
            }
            catch (RegistryException failure) when (i + 1 < endpoints.Count && IsWorthPlainHttp(endpoints[i], failure))
            {
                // An insecure registry: it may not speak TLS at all.
            }
        }
    }

    private static bool IsWorthPlainHttp(RegistryEndpoint endpoint, RegistryException failure) =>
        endpoint is { SkipVerify: true, Base.Scheme: "https" } && failure is { IsUnreachable: true };

    private RegistrySession Session(RegistryEndpoint endpoint, RegistryCredentials? credentials) =>
        new(_connections, endpoint, endpoint.IsMirror || credentials is null or { IsEmpty: true } ? null : credentials, Options, _time);

    private RegistryClient Client(RegistrySession session) => new(session, _limits, _time);
}
