// Documents as an interface written with Relay has them; relay-compiler makes the artifacts that relay.mjs runs.
import { graphql } from 'relay-runtime';

export const list = graphql`
  query ticketsListQuery($count: Int!) {
    ...tickets_list @arguments(count: $count)
  }
`;

export const page = graphql`
  fragment tickets_list on Query
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, after: { type: "String" })
  @refetchable(queryName: "ticketsPageQuery") {
    tickets(first: $count, after: $after, orderBy: [{ field: NUMBER, direction: ASC }])
      @connection(key: "tickets_list_tickets") {
      edges {
        node {
          id
          number
          title
          ...tickets_ticket
        }
      }
    }
  }
`;

export const ticket = graphql`
  fragment tickets_ticket on Ticket
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, before: { type: "String" })
  @refetchable(queryName: "ticketsArticlesQuery") {
    title
    queue {
      path
    }
    articles(last: $count, before: $before) @connection(key: "tickets_ticket_articles") {
      edges {
        node {
          id
          body
        }
      }
    }
  }
`;

export const rename = graphql`
  mutation ticketsRenameMutation($id: ID!, $title: String!) {
    ticketUpdate(id: $id, input: { title: $title }) {
      ticket {
        id
        title
        version
      }
      userErrors {
        message
        code
      }
    }
  }
`;

export const open = graphql`
  mutation ticketsOpenMutation($input: TicketCreateInput!, $connections: [ID!]!) {
    ticketCreate(input: $input) {
      ticket @appendNode(connections: $connections, edgeTypeName: "TicketEdge") {
        id
        number
        title
      }
      userErrors {
        message
      }
    }
  }
`;

export const changes = graphql`
  subscription ticketsChangesSubscription {
    ticketChanges {
      upserts {
        id
        title
        ...tickets_ticket
      }
      removedIds @deleteRecord
      cursor
      hasMore
    }
  }
`;
