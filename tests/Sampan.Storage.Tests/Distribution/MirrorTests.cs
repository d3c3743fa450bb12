using Sampan.Oci.Images;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images.Remotes;

namespace Sampan.Storage.Tests.Distribution;

public sealed class MirrorTests : RegistryTest
{
    private RegistryOptions With(params (string Source, string Location)[] mirrors) => Hasty with
    {
        Mirrors = [.. mirrors.Select(mirror => RegistryMirror.TryCreate(mirror.Source, mirror.Location, out var made, out var why) ? made : throw new ArgumentException(why))],
        Default = new DefaultRegistry { Api = new Uri(Registry.Url) },
    };

    [Theory]
    [InlineData("docker.io", "", "nginx:v1", "library/nginx")]
    [InlineData("docker.io", "/hub", "nginx:v1", "hub/library/nginx")]
    [InlineData("docker.io/library", "/official", "nginx:v1", "official/nginx")]
    [InlineData("quay.example", "", "quay.example/team/app:v1", "team/app")]
    [InlineData("*.example", "/{host}", "quay.example/team/app:v1", "quay.example/team/app")]
    [InlineData("*", "/v2/all/", "gcr.example:5000/app:v1", "all/app")]
    public async Task A_name_is_asked_for_at_the_mirror_under_its_name_there(string source, string path, string image, string repository)
    {
        await using var mirror = new TestRegistry();
        TestImage.Publish(mirror, repository, "v1", TestImage.Layer("a", 100));

        var pulled = await Images.PullAsync(Client(With((source, mirror.Url + path))), ImageReference.Parse(image), new PullOptions(), null, Ct);

        pulled.Image.RepoTags.Single().Familiar.ShouldBe(image);
        Registry.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_mirror_of_everything_is_told_which_registry_is_meant()
    {
        await using var mirror = new TestRegistry();
        TestImage.Publish(mirror, "app", "v1", TestImage.Layer("a", 100));

        await Images.PullAsync(Client(With(("*", mirror.Url))), ImageReference.Parse("gcr.example/app:v1"), new PullOptions(), null, Ct);

        mirror.Requests.ShouldAllBe(request => request.Query("ns") == "gcr.example");
    }

    [Theory]
    [InlineData(404)]
    [InlineData(401)]
    [InlineData(500)]
    [InlineData(0)]
    public async Task What_a_mirror_does_not_give_comes_from_the_next_and_at_last_from_the_registry(int status)
    {
        await using var broken = new TestRegistry();
        broken.Intercept = _ => new TestAnswer(status) { HangUp = status == 0 };
        TestImage.Publish(Registry, "library/nginx", "v1", TestImage.Layer("a", 100));

        var pulled = await Images.PullAsync(Client(With(("docker.io", broken.Url), ("docker.io", "http://127.0.0.1:1"))), ImageReference.Parse("nginx:v1"), new PullOptions(), null, Ct);

        pulled.Image.RepoTags.Single().Familiar.ShouldBe("nginx:v1");
    }

    [Fact]
    public async Task A_layer_that_breaks_off_at_a_mirror_goes_on_at_the_registry()
    {
        await using var mirror = new TestRegistry();
        var layer = TestImage.Layer("a", 400_000);
        TestImage.Publish(mirror, "library/nginx", "v1", layer);
        TestImage.Publish(Registry, "library/nginx", "v1", layer);
        var path = $"/v2/library/nginx/blobs/{Digest.Of(TestImage.Gzip(layer))}";
        mirror.Intercept = request => request.Path != path ? null : request.Header("Range") is null ? mirror.Answer(request) with { CutAfter = 100_000 } : new TestAnswer(404);

        await Images.PullAsync(Client(With(("docker.io", mirror.Url))), ImageReference.Parse("nginx:v1"), new PullOptions(), null, Ct);

        Registry.RequestsFor("GET", path).Single().Header("Range").ShouldStartWith("bytes=100000-");
    }

    [Fact]
    public async Task A_mirror_never_sees_the_users_credentials()
    {
        await using var mirror = new TestRegistry();
        mirror.Intercept = _ => new TestAnswer(401).With("WWW-Authenticate", "Basic realm=\"r\"");
        TestImage.Publish(Registry, "library/nginx", "v1", TestImage.Layer("a", 100));

        await Images.PullAsync(Client(With(("docker.io", mirror.Url))), ImageReference.Parse("nginx:v1"), new PullOptions { Credentials = new RegistryCredentials { Username = "anna", Password = "geheim" } }, null, Ct);

        mirror.Requests.ShouldNotBeEmpty();
        mirror.Requests.ShouldAllBe(request => request.Header("Authorization") == null);
    }

    [Theory]
    [InlineData("", "http://m")]
    [InlineData("a*", "http://m")]
    [InlineData("*a", "http://m")]
    [InlineData("docker.io", "ftp://m")]
    [InlineData("docker.io", "http://user:password@m")]
    [InlineData("docker.io", "http://m/?q=1")]
    [InlineData("docker.io", "")]
    public void A_mirror_that_makes_no_sense_is_refused(string source, string location)
    {
        RegistryMirror.TryCreate(source, location, out _, out var why).ShouldBeFalse();
        why.ShouldNotBeNullOrEmpty();
        why.ShouldNotContain("password");
    }
}
