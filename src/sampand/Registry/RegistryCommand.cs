using System.Globalization;
using System.Runtime.InteropServices;
using Sampan.Storage;
using Sampan.Storage.Registry;
using Sampand.Configuration;
using Sampand.Host;

namespace Sampand.Registry;

/// <summary><c>sampand registry</c>: a registry without an engine.</summary>
internal static class RegistryCommand
{
    /// <summary>Where content lies if nobody says where.</summary>
    internal const string DefaultRoot = "/var/lib/sampan-registry";

    private const int Usr1 = 10;

    private const string Help = """
        Usage: sampand registry [OPTIONS]
               sampand registry gc --root DIR [--config FILE] [--dry-run] [--untagged]

        A registry of images by the OCI distribution specification, without an engine.

        Options:
              --listen ADDRESS:PORT   where to listen; may be repeated (default 127.0.0.1:5000)
              --root DIR              where its content lies (default /var/lib/sampan-registry)
              --config FILE           settings as JSON; what is given here counts more
              --users FILE            the users: a file as 'htpasswd -B' writes it
              --tls-certificate FILE  the certificate and those behind it, PEM
              --tls-key FILE          the certificate's key, PEM
              --read-only             refuse pushes and deletions
          -D, --debug                 log each request
              --validate              check the settings, and end
          -h, --help                  print this and end

        gc removes blobs that no manifest refers to and nobody pushed lately, and ends. While a registry serves the root, that
        one is asked to do it, by its own settings; it also collects by itself at its setting 'gc.interval', and at SIGUSR1.
              --dry-run               tell what would be removed
              --untagged              manifests, too, that have no tag and that nothing refers to

        Signals:
          SIGTERM, SIGINT   stop when open requests have ended
          SIGUSR1           collect garbage

        """;

    /// <summary>Runs the command.</summary>
    /// <param name="arguments">What follows <c>registry</c>.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="ConfigurationException">A setting is wrong, or the root is in use.</exception>
    internal static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var line = RegistryCommandLine.Parse(arguments);
        if (line.Help)
        {
            Console.Out.Write(Help);
            return 0;
        }
        var settings = line.Apply(line.ConfigFile is null ? new RegistryConfiguration() : RegistryConfigurationFile.Read(line.ConfigFile));
        settings = settings with { Root = settings.Root ?? DefaultRoot };
        if (settings.KeyFile is not null && settings.CertificateFile is null)
            throw new ConfigurationException("'--tls-key' needs '--tls-certificate'");
        if (line.Validate)
        {
            Console.Out.WriteLine("configuration OK");
            return 0;
        }
        return line.Collect ? await CollectAsync(settings, line.DryRun) : await ServeAsync(settings);
    }

    /// <summary>SIGUSR1 collects garbage, in a daemon with a registry, too.</summary>
    internal static PosixSignalRegistration CollectAtSignal(RegistryHost registry) => Signals.On((PosixSignal)Usr1, registry.CollectSoon);

    private static async Task<int> CollectAsync(RegistryConfiguration settings, bool dryRun)
    {
        var options = settings.Store with { Root = settings.Root ?? DefaultRoot };
        if (!Directory.Exists(options.Root))
            throw new ConfigurationException($"'{options.Root}' holds no registry");
        try
        {
            var collected = await RegistryControl.AskAsync(options.Root, dryRun, options.CollectUntagged, CancellationToken.None) ?? await CollectAloneAsync(options, dryRun);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(dryRun ? "would remove" : "removed")} {collected.Manifests} manifests, {collected.Links} blobs of repositories, {collected.Blobs} blobs of {collected.Bytes} bytes"));
            return 0;
        }
        catch (StorageException refused)
        {
            throw new ConfigurationException(refused.Message, refused);
        }
    }

    private static async Task<Collected> CollectAloneAsync(RegistryStoreOptions options, bool dryRun)
    {
        using var rootLock = dryRun ? null : await RootLock.TakeAsync(options.Root, RegistryHost.InUse, TimeProvider.System);
        using var store = dryRun ? RegistryStore.OpenToLook(options, TimeProvider.System) : RegistryStore.Open(options, TimeProvider.System);
        return store.Collect(dryRun, CancellationToken.None);
    }

    private static async Task<int> ServeAsync(RegistryConfiguration settings)
    {
        using var logs = new Logging.StderrLog(TimeProvider.System, settings.LogLevel);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registry = await RegistryHost.StartAsync(settings, TimeProvider.System, logs);
        using var terminated = Signals.On(PosixSignal.SIGTERM, () => stop.TrySetResult());
        using var interrupted = Signals.On(PosixSignal.SIGINT, () => stop.TrySetResult());
        using var collect = CollectAtSignal(registry);
        await using var memory = new IdleMemory(() => registry.Activity, TimeProvider.System);
        RegistryHost.TellReady(settings, registry, logs);
        await stop.Task;
        return 0;
    }
}
