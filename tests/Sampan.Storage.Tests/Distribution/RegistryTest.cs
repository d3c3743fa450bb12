using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>A store, a registry that does what it is told, and a client with no patience.</summary>
public abstract class RegistryTest : IAsyncLifetime
{
    private readonly TemporaryDirectory _root = new();
    private readonly List<IDisposable> _clients = [];

    internal TestRegistry Registry { get; } = new();

    internal ImageStore Images { get; private set; }

    private protected RegistryTest() => Images = ImageStore.Open(DataRoot, TimeProvider.System);

    protected string DataRoot => _root["data"];

    protected static RegistryOptions Hasty { get; } = new()
    {
        RetryDelay = TimeSpan.FromMilliseconds(1),
        CertificateDirectories = [],
        MaxAttempts = 3,
        RangeBytes = 1024 * 1024 * 1024,
        UnpackAheadBytes = 1000,
    };

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        await Registry.DisposeAsync();
        _clients.ForEach(client => client.Dispose());
        _root.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what a test class began.</summary>
    protected virtual ValueTask EndAsync() => ValueTask.CompletedTask;

    /// <summary>What a restart of the daemon does.</summary>
    private protected void Reopen() => Images = ImageStore.Open(DataRoot, TimeProvider.System);

    private protected Registries Client(RegistryOptions? options = null)
    {
        var client = new Registries(options ?? Hasty, TimeProvider.System);
        _clients.Add(client);
        return client;
    }

    private protected ImageReference Name(string rest) => ImageReference.Parse($"{Registry.Host}/{rest}");

    private protected Task<PulledImage> PullAsync(string name, RegistryOptions? options = null, PullOptions? pull = null, IProgress<TransferProgress>? progress = null) =>
        Images.PullAsync(Client(options), Name(name), pull ?? new PullOptions(), progress, Ct);

    /// <summary>Pulls what must not succeed, and checks that nothing of it is kept.</summary>
    private protected async Task<Exception> PullBadAsync(string name, RegistryOptions? options = null, bool keepsPart = false)
    {
        var failure = await Should.ThrowAsync<Exception>(() => PullAsync(name, options));
        (failure is RegistryException or StorageException).ShouldBeTrue(failure.ToString());
        failure.Message.ShouldNotContain("\n");
        Images.List().ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "ingest")).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(DataRoot, "layers")).ShouldBeEmpty();
        if (!keepsPart)
        {
            Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "partial")).ShouldBeEmpty();
            Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
        }
        return failure;
    }
}
