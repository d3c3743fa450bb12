using Google.Protobuf;
using Sampan.Build;
using Sampan.Build.Clients;
using Sampan.BuildKit.Files;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;
using Sampan.Engine;
using Sampan.Engine.Images;

namespace Sampan.Server.Docker.Sessions;

/// <summary>A client of BuildKit's protocol, as the builder asks it. What it does not serve it has not.</summary>
internal sealed class SessionClient(ClientSession session) : IBuildClient
{
    private const string GetSecret = "/moby.buildkit.secrets.v1.Secrets/GetSecret";
    private const string CheckAgent = "/moby.sshforward.v1.SSH/CheckAgent";
    private const string ForwardAgent = "/moby.sshforward.v1.SSH/ForwardAgent";
    private const string Credentials = "/moby.filesync.v1.Auth/Credentials";
    private const string DockerHub = "docker.io";
    private const string DockerHubHost = "registry-1.docker.io";

    // As Docker's client has it.
    private const int MaxSecret = 500 << 10;

    /// <inheritdoc/>
    public string ContextKey => session.Facts.SharedKey;

    /// <inheritdoc/>
    public string ContextName => session.Facts.Name;

    /// <inheritdoc/>
    public async Task<IClientFiles> ListAsync(string directory, IReadOnlyList<string> follows, IReadOnlyList<string> excludes, CancellationToken ct)
    {
        if (!session.Serves(FileTransfer.Method))
            throw BuildFailure($"the client shows no directory '{directory}': its session has no files");
        var transfer = FileTransfer.Begin(session, new FileWish(directory) { Follows = follows, Excludes = excludes }, ct);
        try
        {
            return new SessionFiles(transfer, [.. (await transfer.ListAsync(ct).ConfigureAwait(false)).Select(SessionFiles.ToFile)]);
        }
        catch (GrpcException failed)
        {
            await transfer.DisposeAsync().ConfigureAwait(false);
            throw BuildFailure($"cannot read directory '{directory}' of the client: {Reason(failed)}", failed);
        }
        catch
        {
            await transfer.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<byte[]?> FindSecretAsync(string id, CancellationToken ct)
    {
        if (!session.Serves(GetSecret))
            return null;
        try
        {
            var answer = await session.CallAsync(GetSecret, new GetSecretRequest { ID = id }, GetSecretResponse.Parser, ct).ConfigureAwait(false);
            return answer.Data.Length <= MaxSecret ? answer.Data.ToByteArray() : throw BuildFailure($"secret '{id}' has {answer.Data.Length} bytes, more than the {MaxSecret} allowed");
        }
        catch (GrpcException none) when (none.Code == GrpcCode.NotFound)
        {
            return null;
        }
        catch (GrpcException failed)
        {
            throw BuildFailure($"cannot get secret '{id}' of the client: {Reason(failed)}", failed);
        }
    }

    /// <inheritdoc/>
    public async Task<bool> HasAgentAsync(string id, CancellationToken ct)
    {
        if (!session.Serves(CheckAgent))
            return false;
        try
        {
            await session.CallAsync(CheckAgent, new CheckAgentRequest { ID = id }, CheckAgentResponse.Parser, ct).ConfigureAwait(false);
            return true;
        }
        catch (GrpcException none) when (none.Code != GrpcCode.Unavailable)
        {
            return false; // its answer: it has no such agent
        }
        catch (GrpcException failed)
        {
            throw BuildFailure($"cannot ask the client for its SSH agent '{id}': {Reason(failed)}", failed);
        }
    }

    /// <inheritdoc/>
    public async Task TalkAsync(string id, Stream connection, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var call = session.Open<BytesMessage, BytesMessage>(ForwardAgent, [KeyValuePair.Create("buildkit.ssh.id", id)], BytesMessage.Parser, over.Token);
        try
        {
            var answers = AnswerAsync();
            var first = await Task.WhenAny(AskAsync(), answers).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            // Who has asked all may still wait for the answer.
            call.Complete();
            await answers.ConfigureAwait(false);
        }
        catch (GrpcException failed)
        {
            throw BuildFailure($"the client's SSH agent '{id}' does not answer: {Reason(failed)}", failed);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }

        async Task AskAsync()
        {
            var buffer = new byte[16 * 1024];
            for (int read; (read = await connection.ReadAsync(buffer, over.Token).ConfigureAwait(false)) > 0;)
                await call.WriteAsync(new BytesMessage { Data = ByteString.CopyFrom(buffer, 0, read) }, over.Token).ConfigureAwait(false);
        }

        async Task AnswerAsync()
        {
            while (await call.ReadAsync(over.Token).ConfigureAwait(false) is { } answer)
                await connection.WriteAsync(answer.Data.Memory, over.Token).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<RegistryLogin?> FindLoginAsync(string host, CancellationToken ct)
    {
        if (!session.Serves(Credentials))
            return null;
        try
        {
            var answer = await session.CallAsync(Credentials, new CredentialsRequest { Host = host == DockerHub ? DockerHubHost : host }, CredentialsResponse.Parser, ct).ConfigureAwait(false);
            return answer switch
            {
                { Secret.Length: 0 } => null,
                // A client that was given a token in place of a password says no name.
                { Username.Length: 0 } => new RegistryLogin { IdentityToken = answer.Secret },
                _ => new RegistryLogin { Username = answer.Username, Password = answer.Secret },
            };
        }
        catch (GrpcException failed)
        {
            throw BuildFailure($"cannot ask the client for its credentials at '{host}': {Reason(failed)}", failed);
        }
    }

    /// <summary>What a call's failure means to people.</summary>
    internal static string Reason(GrpcException failed) => failed.Code == GrpcCode.Unavailable ? $"its session is over ({failed.Message})" : failed.Message;

    /// <summary>A build that the client made fail.</summary>
    internal static BuildException BuildFailure(string message, Exception? cause = null) => new(ErrorKind.InvalidArgument, message, null, cause);
}
