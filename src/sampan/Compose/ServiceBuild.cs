using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Sampan.Cli.Commands;
using Sampan.Cli.Commands.Images;
using Sampan.Cli.Commands.Images.Agents;
using Sampan.Cli.Output;
using Sampan.Cli.Registries;
using Sampan.Compose.Documents;
using Sampan.Compose.Running;
using Sampan.DockerApi;
using Sampan.DockerApi.Images;
using ImageBuild = Sampan.Cli.Commands.Images.BuildCommand;

namespace Sampan.Cli.Compose;

/// <summary>The build of a service's image: its context from this machine's disk, each line of what it tells behind the service's name.</summary>
internal sealed class ServiceBuild(Invocation call, bool isQuiet)
{
    private readonly Lock _gate = new();

    /// <summary>Builds.</summary>
    public async Task RunAsync(string service, ImageSource source, BuildOptions options, CancellationToken cancellationToken)
    {
        var said = new StringBuilder();
        using var output = new LineWriter(line =>
        {
            string text = $"{service}  | {line}";
            lock (_gate)
            {
                if (isQuiet) said.Append(text).Append('\n');
                else call.Error.WriteLine(text);
            }
        });
        try
        {
            var context = source.IsRemote ? null
                : source.Text is { } text ? BuildContext.OfDirectory(source.Context, "-", new MemoryStream(Encoding.UTF8.GetBytes(text)))
                : BuildContext.OfDirectory(source.Context, Path.Combine(source.Context, source.Dockerfile ?? "Dockerfile"), Stream.Null);
            var (contexts, directories) = ImageBuild.Contexts(source.Contexts);
            if (context is null && directories.Count > 0) throw new CommandException("'additional_contexts' with a directory needs a context that is a directory itself");
            var ssh = SshForwarding.Parse(options.Check ? [] : source.Ssh, Environment.GetEnvironmentVariable);
            await using var forwarding = ssh.ConfigureAwait(false);
            await ssh.OpenAsync(call.Client, cancellationToken).ConfigureAwait(false);
            var caches = await BuildCaches.ReadAsync(call, options.Check ? [] : source.CacheFrom, options.Check ? [] : source.CacheTo).ConfigureAwait(false);
            options = options with
            {
                Dockerfile = context?.Dockerfile ?? source.Dockerfile, RegistryConfig = RegistryAuth.ForAll(call), Secrets = Secrets(source), Contexts = contexts, CacheFrom = caches.From, CacheTo = caches.To, InlineCache = caches.IsInline,
                SshAgents = ssh.Ids, AgentSession = ssh.Session,
            };
            bool isWhole = false;
            try
            {
                if (context is null) await SendAsync(null, null).ConfigureAwait(false);
                else await context.With(directories).SendAsync(call.Client, call.Time, SendAsync, cancellationToken).ConfigureAwait(false);
                isWhole = true;
            }
            finally
            {
                await caches.EndAsync(call, isWhole).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException)
        {
            output.Flush();
            lock (_gate) call.Error.Write(said.ToString());
            throw new ComposeException(e.Message, e);
        }

        async Task SendAsync(Stream? tar, string? offer) =>
            await ProgressPrinter.PrintAsync(await call.Client.BuildImageAsync(tar, options with { KnownContext = offer }, cancellationToken).ConfigureAwait(false), output, terminal: false).ConfigureAwait(false);
    }

    private static string? Secrets(ImageSource source)
    {
        if (source.Secrets.Count == 0) return null;
        var contents = source.Secrets.ToDictionary(s => s.Key, s => Convert.ToBase64String(s.Value.File is { } file ? File.ReadAllBytes(file) : Encoding.UTF8.GetBytes(s.Value.Text ?? "")), StringComparer.Ordinal);
        return Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(contents, DockerApiJson.Wire.StringMap));
    }
}
