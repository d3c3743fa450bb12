using System.Globalization;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Images;
using Sampan.DockerApi.Stores;
using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Server.Http;

namespace Sampan.Server.Docker.Images;

/// <summary>Images and registries: pull, push, login, what a registry has.</summary>
internal sealed class RegistryEndpoints(DockerDaemon daemon)
{
    private const int SearchLimit = 25;

    private readonly ImageOperations _images = daemon.Engine.Images;

    /// <summary>Adds the endpoints; pulling shares its own with importing, see <see cref="PullAsync"/>.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("POST", "/auth", Login);
        routes.Map("GET", "/distribution/{name*}/json", Describe);
        routes.Map("POST", "/images/{name*}/push", Push);
        routes.Map("GET", "/images/search", Search);
        routes.Map("GET", "/sampan/images/{name*}/referrers", Referrers);
        routes.Map("POST", "/sampan/images/{name*}/referrers/pull", PullReferrers);
        routes.Map("POST", "/sampan/images/{name*}/referrers/push", PushReferrers);
    }

    /// <summary><c>POST /images/create?fromImage=…</c>.</summary>
    internal async Task PullAsync(Exchange x, string image)
    {
        var name = x.Query("tag") is not { } tag ? image : tag.Contains(':') ? $"{image}@{tag}" : $"{image}:{tag}";
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _images.PullAsync(name, x.Query("platform"), login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task Push(Exchange x)
    {
        var platform = PlatformQuery.One(x);
        var name = x.Query("tag") is { } tag ? $"{x.Route("name")}:{tag}" : x.Route("name");
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _images.PushAsync(name, platform, login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task Login(Exchange x)
    {
        var given = await x.ReadJsonAsync(DockerApiJson.Wire.AuthConfig).ConfigureAwait(false);
        var token = await _images.LoginAsync(RegistryHeaders.ToLogin(given), x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(200, new AuthResponse { Status = "Login Succeeded", IdentityToken = token ?? "" }, DockerApiJson.Wire.AuthResponse).ConfigureAwait(false);
    }

    private async Task Search(Exchange x)
    {
        var filters = Filters.Parse(x.Query("filters"), "is-official", "is-automated", "stars");
        var stars = filters.Values("stars").Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var least)
            ? least
            : throw new EngineException(ErrorKind.InvalidArgument, $"invalid filter 'stars={text}': expected a number")).DefaultIfEmpty(0).Max();
        var found = await _images.SearchAsync(x.Query("term") ?? "", (int)Math.Clamp(x.Number("limit") ?? SearchLimit, int.MinValue, int.MaxValue), RegistryHeaders.Login(x.Http.Request), x.Aborted).ConfigureAwait(false);
        IReadOnlyList<ImageSearchResult> results =
        [
            .. found.Where(image => image.Stars >= stars && Fits(filters, "is-official", image.IsOfficial) && Fits(filters, "is-automated", image.IsAutomated))
                .Select(image => new ImageSearchResult { Name = image.Name, Description = image.Description, StarCount = image.Stars, IsOfficial = image.IsOfficial, IsAutomated = image.IsAutomated }),
        ];
        await x.WriteJsonAsync(200, results, DockerApiJson.Wire.ImageSearchResultList).ConfigureAwait(false);
    }

    private static bool Fits(Filters filters, string name, bool value) => filters.Flag(name) is not { } wanted || wanted == value;

    private async Task Referrers(Exchange x)
    {
        var (subject, referrers) = x.Flag("local")
            ? _images.LocalReferrers(x.Route("name"), x.Query("artifactType"))
            : await _images.ReferrersAsync(x.Route("name"), x.Query("artifactType"), RegistryHeaders.Login(x.Http.Request), x.Aborted).ConfigureAwait(false);
        var answer = new ReferrerList { Subject = subject is null ? null : ImageMemberMapper.ToDescriptor(subject), Referrers = [.. referrers.Select(ImageMemberMapper.ToDescriptor)] };
        await x.WriteJsonAsync(200, answer, StoreJson.Wire.ReferrerList).ConfigureAwait(false);
    }

    private async Task PullReferrers(Exchange x)
    {
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _images.PullReferrersAsync(x.Route("name"), login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task PushReferrers(Exchange x)
    {
        var login = RegistryHeaders.Login(x.Http.Request);
        await using var output = new TransferOutput(x);
        await output.RunAsync(progress => _images.PushReferrersAsync(x.Route("name"), login, progress, x.Aborted)).ConfigureAwait(false);
    }

    private async Task Describe(Exchange x)
    {
        var (descriptor, platforms) = await _images.DescribeRemoteAsync(x.Route("name"), RegistryHeaders.Login(x.Http.Request), x.Aborted).ConfigureAwait(false);
        var answer = new DistributionInspect
        {
            Descriptor = new OciDescriptor { MediaType = descriptor.MediaType ?? "", Digest = descriptor.Digest.ToString(), Size = descriptor.Size },
            Platforms = [.. platforms.Select(p => new OciPlatform { Architecture = p.Architecture, Os = p.Os, OsVersion = p.OsVersion, Variant = p.Variant })],
        };
        await x.WriteJsonAsync(200, answer, DockerApiJson.Wire.DistributionInspect).ConfigureAwait(false);
    }
}
