using System.Text.Json;
using Sampan.Build.History;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Images;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>Images by name.</summary>
internal sealed class ImageEndpoints(DockerDaemon daemon)
{
    private readonly ImageOperations _images = daemon.Engine.Images;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("GET", "/images/json", List);
        routes.Map("POST", "/images/prune", Prune);
        routes.Map("GET", "/images/{name*}/json", Inspect);
        routes.Map("GET", "/images/{name*}/history", x => x.WriteJsonAsync(200, HistoryMapper.ToHistory(_images.History(x.Route("name"), PlatformQuery.One(x))), DockerApiJson.Wire.HistoryItemList));
        routes.Map("GET", "/images/{name*}/attestations", Attestations);
        routes.Map("POST", "/images/{name*}/tag", Tag);
        routes.Map("DELETE", "/images/{name*}", Remove);
    }

    private Task List(Exchange x)
    {
        var filter = new ImageFilter(x.Query("filters"), name => _images.Get(name).Created, daemon.Time.GetUtcNow(), x.Query("filter"));
        var all = _images.List();
        if (!x.Flag("all"))
            all = ImageFilter.WithoutIntermediate(all);
        var shared = x.Flag("shared-size") ? _images.SharedSizes() : null;
        // Docker's list has the manifests, too, for who asks for the identity: it is in them.
        var identity = x.Flag("identity");
        var manifests = x.Flag("manifests") || identity;
        IReadOnlyList<ImageSummary> images =
        [
            .. all.Where(filter.Matches).Select(i => ImageMapper.ToSummary(filter.Narrowed(i), manifests ? _images.ContainersUsingAny(i.Id) : _images.ContainersUsing(i.Id)) with
            {
                SharedSize = shared?.GetValueOrDefault(i.Id) ?? -1,
            }).Select(summary => manifests ? WithManifests(summary) : summary),
        ];
        return x.WriteJsonAsync(200, images, DockerApiJson.Wire.ImageSummaryList, Shape.ImageList);

        // What an image takes is then what those that are listed below it take: with the layers as they came.
        ImageSummary WithManifests(ImageSummary summary)
        {
            var members = _images.Members(summary.Id);
            return summary with
            {
                Size = members.Sum(member => member.ContentBytes + member.UnpackedBytes),
                Manifests = ImageMemberMapper.ToManifests(members, _images.ContainersByImage(), identity ? Identity(_images.Get(summary.Id)) : null),
            };
        }
    }

    private Task Inspect(Exchange x)
    {
        var platform = PlatformQuery.One(x);
        var manifests = x.Flag("manifests");
        if (manifests && platform is not null)
            throw new EngineException(ErrorKind.InvalidArgument, "conflicting options: manifests and platform options cannot both be set");
        var image = _images.Get(x.Route("name"), platform);
        var (driver, facts) = _images.Storage(image.Id);
        var identity = Identity(image);
        var inspect = ImageMapper.ToInspect(image, identity) with
        {
            GraphDriver = new DriverData { Name = driver, Data = facts },
            Manifests = manifests ? ImageMemberMapper.ToManifests(_images.Members(image.Id), _images.ContainersByImage(), identity) : null,
        };
        return x.WriteJsonAsync(200, inspect, DockerApiJson.Wire.ImageInspect, Shape.ImageInspect);
    }

    private ImageIdentity? Identity(ImageSnapshot image) =>
        ImageMapper.ToIdentity(image, daemon.Builder?.ListBuilds().Where(build => build.ImageId == image.Id && build.Status == BuildStatus.Done) ?? []);

    private Task Attestations(Exchange x)
    {
        IReadOnlyList<AttestationStatement> statements =
        [
            .. _images.Statements(x.Route("name"), PlatformQuery.One(x), x.QueryAll("type"), x.Flag("statement")).Select(statement => new AttestationStatement
            {
                Descriptor = ImageMemberMapper.ToDescriptor(statement.Descriptor),
                PredicateType = statement.PredicateType,
                Statement = statement.Content is { } content ? Document(content) : null,
            }),
        ];
        return x.WriteJsonAsync(200, statements, DockerApiJson.Wire.AttestationStatementList);

        JsonElement Document(ReadOnlyMemory<byte> content)
        {
            try
            {
                using var document = JsonDocument.Parse(content);
                return document.RootElement.Clone();
            }
            catch (JsonException wrong)
            {
                throw new EngineException(ErrorKind.Internal, $"a statement about image '{x.Route("name")}' is no JSON: {wrong.Message}", wrong);
            }
        }
    }

    private Task Tag(Exchange x)
    {
        var repository = x.Query("repo") ?? throw new EngineException(ErrorKind.InvalidArgument, "invalid tag: query parameter 'repo' is required");
        _images.Tag(x.Route("name"), x.Query("tag") is { } tag ? $"{ImageNames.WithoutTag(repository)}:{tag}" : repository);
        return x.NoBody(201);
    }

    private Task Remove(Exchange x)
    {
        var removals = _images.Remove(x.Route("name"), x.Flag("force"), x.Flag("noprune"), PlatformQuery.All(x, "platforms"));
        daemon.Builder?.ForgetLost();
        return x.WriteJsonAsync(200, ToItems(removals), DockerApiJson.Wire.ImageDeleteItemList);
    }

    private Task Prune(Exchange x)
    {
        var now = daemon.Time.GetUtcNow();
        var filters = Filters.Parse(x.Query("filters"), "dangling", "label", "label!", "until");
        var until = filters.Until(now);
        var dangling = filters.Flag("dangling") ?? true;
        var pruned = _images.Prune(i => (!dangling || i.RepoTags.Count == 0) && filters.Labels(i.Config.Config.Labels) && (until is null || i.Created <= until));
        daemon.Builder?.ForgetLost();
        return x.WriteJsonAsync(200, new ImagesPruneReport { ImagesDeleted = ToItems(pruned.Removals), SpaceReclaimed = pruned.BytesReclaimed }, DockerApiJson.Wire.ImagesPruneReport);
    }

    private static IReadOnlyList<ImageDeleteItem> ToItems(IEnumerable<ImageRemoval> removals) =>
        [.. removals.Select(r => new ImageDeleteItem { Untagged = r.Untagged, Deleted = r.Deleted })];
}
