/** Tests of what lists of the API can do beside filters: sorting, and links of many with many. */
import { bracketed } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';

/** Tests of the order of lists for `test_<entity>_api.py`. */
export function sortApiTests(): string {
  return `

def test_list_sorts(client: TestClient, session: Session) -> None:
    ids = [create(client, session)["id"] for _ in range(2)]

    page = client.get(URL, params={"sort": "id"}).json()

    assert [record["id"] for record in page["items"]] == ids


def test_list_refuses_an_unknown_order(client: TestClient) -> None:
    response = client.get(URL, params={"sort": "shoe_size"})

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "sort"
`;
}

/** Tests of links of many with many for `test_<entity>_api.py`. */
export function manyApiTests(project: ProjectModel, entity: EntityModel): string {
  return entity.many
    .map(({ name, singular, target }) => {
      const other = entityNamed(project, target).names.snake;
      const reference = bracketed(
        `assert record["${name}"] == [`,
        ['{"id": target.id, "label": target.label}'],
        ']',
        4,
      );
      return `

def test_answers_name_the_${name}(client: TestClient, session: Session) -> None:
    target = make_${other}(session)

    record = create(client, session, ${singular}_ids=[target.id])

    assert record["${singular}_ids"] == [target.id]
    ${reference}


def test_list_filters_by_${singular}(client: TestClient, session: Session) -> None:
    target = make_${other}(session)
    wanted = create(client, session, ${singular}_ids=[target.id])
    create(client, session)

    page = client.get(URL, params={"${singular}_id": target.id}).json()

    assert page["items"] == [wanted]


@pytest.mark.parametrize("ids", [[999], ["many"], None])
def test_create_refuses_${singular}_ids_that_cannot_be(
    client: TestClient, session: Session, ids: list[Any] | None
) -> None:
    payload = {**jsonable_encoder(${entity.names.snake}_values(session)), "${singular}_ids": ids}

    response = client.post(URL, json=payload)

    assert response.status_code == 422
    assert response.json()["errors"][0]["field"].startswith("${singular}_ids")
`;
    })
    .join('');
}
