using System.IO.Pipelines;
using System.Text.Json;
using Google.Protobuf;
using Sampan.BuildKit.Files;
using Sampan.BuildKit.Grpc;
using Sampan.BuildKit.Protos;
using Sampan.BuildKit.Sessions;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Storage.Building;
using Sampan.Storage.Images;

namespace Sampan.Server.Docker.Sessions;

/// <summary>What a client of BuildKit's protocol wants of its build: <c>--output</c>, of which it keeps where it writes to for itself.</summary>
/// <param name="Kind"><c>image</c>, <c>local</c>, <c>tar</c> or <c>cacheonly</c>.</param>
/// <param name="Names">Names of the image.</param>
/// <param name="IsPushed">Whether these are pushed.</param>
internal sealed record BuildOutput(string Kind, IReadOnlyList<string> Names, bool IsPushed)
{
    /// <summary>Reads the list that the client sends as JSON; null or empty: an image.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: it is malformed, or more than one. <see cref="ErrorKind.NotSupported"/>: the client cannot get it so.</exception>
    internal static BuildOutput Read(string? json)
    {
        var outputs = Parse(json);
        if (outputs.Count > 1)
            throw new EngineException(ErrorKind.InvalidArgument, "multiple outputs not supported");
        var (type, attributes) = outputs.Count == 0 ? ("moby", new Dictionary<string, string>()) : outputs[0];
        var names = attributes.GetValueOrDefault("name", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        string[] known = type switch
        {
            "moby" or "image" or "docker" => ["name", "push"],
            "registry" => ["name"],
            // The file is the client's to write.
            "local" or "tar" => ["dest"],
            "cacheonly" => [],
            "oci" => throw new EngineException(ErrorKind.NotSupported, "output type 'oci': this client does not take the archive; use 'docker save' or 'sampan build --output'"),
            _ => throw new EngineException(ErrorKind.InvalidArgument, $"output type '{type}' is not known: expected local, tar, image, docker, registry or cacheonly"),
        };
        if (attributes.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw unknown == "dest" ? new EngineException(ErrorKind.NotSupported, $"output type '{type}' with a 'dest': this client does not take the archive; use 'docker save' or 'sampan build --output'")
                : new EngineException(ErrorKind.InvalidArgument, $"attribute '{unknown}' of output type '{type}' is not known");
        }
        var isPushed = type == "registry" || attributes.GetValueOrDefault("push") is "true" or "1" or "";
        if (isPushed && names.Length == 0)
            throw new EngineException(ErrorKind.InvalidArgument, $"output type '{type}' that is pushed needs a 'name'");
        return new BuildOutput(type is "local" or "tar" or "cacheonly" ? type : "image", names, isPushed);
    }

    /// <summary>Takes a build's files where no image is wanted; null: one is.</summary>
    internal Func<ImageRecord?, CancellationToken, Task>? Taker(ClientSession session, StepOperations steps)
    {
        if (Kind == "cacheonly")
            return (_, _) => Task.CompletedTask;
        if (Kind == "image")
            return null;
        if (!session.Serves(FileSending.Method))
            throw new EngineException(ErrorKind.InvalidArgument, $"output type '{Kind}': the client's session takes no files");
        return async (files, ct) =>
        {
            try
            {
                await (Kind == "local" ? SendTreeAsync(session, steps, files, ct) : SendArchiveAsync(session, steps, files, ct)).ConfigureAwait(false);
            }
            catch (GrpcException failed)
            {
                throw SessionClient.BuildFailure($"the client did not take the output: {SessionClient.Reason(failed)}", failed);
            }
        };
    }

    private static async Task SendTreeAsync(ClientSession session, StepOperations steps, ImageRecord? files, CancellationToken ct)
    {
        var list = files is not null && steps.Read(files, "/", ct) is { } root ? SourceListing.Of(root, ct) : [];
        await FileSending.SendTreeAsync(session, [.. list.Select(each => ToStat(each.File))], number => list[number].Entry.Kind == SourceKind.File ? list[number].Entry.OpenRead() : Stream.Null, ct).ConfigureAwait(false);
    }

    private static async Task SendArchiveAsync(ClientSession session, StepOperations steps, ImageRecord? files, CancellationToken ct)
    {
        var pipe = new Pipe();
        var writing = Task.Run(() => Write(steps, files, pipe.Writer, ct), CancellationToken.None);
        try
        {
            await using var content = pipe.Reader.AsStream();
            await FileSending.SendStreamAsync(session, content, ct).ConfigureAwait(false);
        }
        finally
        {
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
    }

    private static void Write(StepOperations steps, ImageRecord? files, PipeWriter output, CancellationToken ct)
    {
        try
        {
            using var draft = steps.Draft(null, steps.Time.GetUtcNow());
            if (files is not null && steps.Read(files, "/", ct) is { } root)
                draft.CopyContent(root, "/", CopyLooks.AsTheyAre with { TakesDevices = true });
            using (var stream = output.AsStream(leaveOpen: true))
                draft.WriteTo(stream, null, ct);
            output.Complete();
        }
        catch (Exception failed)
        {
            // Whoever reads gets to know.
            output.Complete(failed);
        }
    }

    private static Stat ToStat(ReceivedFile file)
    {
        var stat = new Stat
        {
            Path = ByteString.CopyFrom(file.Path.Span),
            Mode = GoMode.FromKernel(file.Mode),
            Size = file.Size,
            ModTime = file.Modified,
            Linkname = ByteString.CopyFrom(file.Target.Span),
            Devmajor = file.Device.Major,
            Devminor = file.Device.Minor,
        };
        foreach (var (name, value) in file.Attributes)
            stat.Xattrs[name] = ByteString.CopyFrom(value);
        return stat;
    }

    private static List<(string Type, Dictionary<string, string> Attributes)> Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return [];
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Null)
                return [];
            return [.. document.RootElement.EnumerateArray().Select(static output => (
                output.GetProperty("Type").GetString() ?? "",
                output.TryGetProperty("Attrs", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                    ? attributes.EnumerateObject().ToDictionary(attribute => attribute.Name, attribute => attribute.Value.GetString() ?? "", StringComparer.Ordinal) : []))];
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new EngineException(ErrorKind.InvalidArgument, "error reading outputs: expected a list of objects with Type and Attrs", wrong);
        }
    }
}
