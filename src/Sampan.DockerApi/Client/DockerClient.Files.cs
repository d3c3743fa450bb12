using System.Text.Json;
using Sampan.DockerApi.Containers;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    private const string PathStatHeader = "X-Docker-Container-Path-Stat";

    /// <summary>What is at a path of a container; a link at the end is not followed. 404: nothing.</summary>
    public async Task<PathStat> StatContainerPathAsync(string id, string path, CancellationToken cancellationToken = default)
    {
        using var response = await SendAsync("HEAD", Container(id, "archive").Add("path", path), cancellationToken).ConfigureAwait(false);
        return Stat(response);
    }

    /// <summary>What is at a path of a container, as a tar whose names begin with the path's last name.</summary>
    public async Task<(PathStat Stat, Stream Archive)> GetContainerArchiveAsync(string id, string path, CancellationToken cancellationToken = default)
    {
        var response = await SendAsync("GET", Container(id, "archive").Add("path", path), cancellationToken).ConfigureAwait(false);
        return (Stat(response), response.Body);
    }

    /// <summary>Unpacks a tar into a directory of a container.</summary>
    /// <param name="id">The container.</param>
    /// <param name="path">The directory.</param>
    /// <param name="archive">The tar, plain or compressed.</param>
    /// <param name="asContainerUser">Files belong to the container's user instead of the archive's owners.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task PutContainerArchiveAsync(string id, string path, Stream archive, bool asContainerUser = false, CancellationToken cancellationToken = default)
    {
        var target = Container(id, "archive").Add("path", path).Add("noOverwriteDirNonDir", "true").Add("copyUIDGID", asContainerUser);
        var request = new HttpRequest { Method = "PUT", Target = target.ToString(), Upload = archive, ContentType = "application/x-tar" };
        using var response = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        await response.ReadAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an image of a container.</summary>
    /// <param name="id">The container.</param>
    /// <param name="repository">The image's name; null: none.</param>
    /// <param name="tag">Its tag; null: <c>latest</c>.</param>
    /// <param name="comment">A remark.</param>
    /// <param name="author">Who made it.</param>
    /// <param name="pause">Whether a running container is paused meanwhile.</param>
    /// <param name="changes">Dockerfile lines.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IdResponse> CommitContainerAsync(string id, string? repository, string? tag, string? comment, string? author, bool pause, IReadOnlyList<string> changes, CancellationToken cancellationToken = default)
    {
        var target = new QueryString("/commit").Add("container", id).Add("repo", repository).Add("tag", tag).Add("comment", comment).Add("author", author).Add("changes", changes);
        // Absent means yes.
        if (!pause) target = target.Add("pause", "0");
        return await ReadAsync(await SendAsync("POST", target, cancellationToken).ConfigureAwait(false), DockerApiJson.Wire.IdResponse, cancellationToken).ConfigureAwait(false);
    }

    private static PathStat Stat(DockerResponse response)
    {
        try
        {
            var json = Convert.FromBase64String(response.Head[PathStatHeader] ?? "");
            return JsonSerializer.Deserialize(json, DockerApiJson.Wire.PathStat) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new DockerApiException(null, $"the engine's answer has no usable '{PathStatHeader}' header: {e.Message}", e);
        }
    }
}
